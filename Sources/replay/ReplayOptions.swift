import CommandLine
import Configuration
import Events
import Kafka
import Pacing
import RedisKit
import Redis
import Redrive
import SchemaRegistry
import ToolKit

/// What `start` was told, checked; nothing has been tried yet.
struct ReplayOptions: Sendable {
    enum Source: Sendable, Equatable {
        /// `isStandard`: the event topics, of which those that exist are meant.
        case topics([String], isStandard: Bool)
        case archive(path: String)
    }

    enum Destination: Sendable, Equatable {
        case topic(String)
        case origin(allowed: [String], isStandard: Bool)
        case archive(path: String)
    }

    var connection: ConnectionOptions
    let registry: SchemaRegistryClient?
    /// Whether bodies are to be decoded and nobody said by whom.
    let lacksRegistry: Bool
    let selection: ReplaySelection
    /// As the user gave them, for questions and reports.
    let selectionText: [String]
    let source: Source
    let range: SourceRange
    let destination: Destination
    let run: String?
    let runsTopic: String
    let progressTopic: String
    let delivery: Delivery
    let timestamps: DrainRules.Timestamps
    let onUndecodable: ReplayRules.OnUndecodable
    let pace: RateProfile
    /// As text, for the run's record.
    let rateText: String
    let isRateGiven: Bool
    /// Where the copies share the rate by demand; nil is by the partitions that each of them owns.
    let sharedRate: RedisConfiguration?
    let limit: Int64?
    let lag: LagOptions
    let isOrderStrict: Bool
    let acceptsReset: Bool
    let isAnswered: Bool
    let isDryRun: Bool
    let isJSON: Bool
    let progress: ProgressMode
    let metricsFile: String?
    let log: LogOptions
    /// What defines the run, as it was given.
    let definition: RunDefinition

    /// Reads everything, noting every mistake in `reader`.
    init(_ reader: inout OptionReader, now: TimePoint) {
        connection = ConnectionOptions(&reader, program: Replay.table.program)
        // A start that gives nothing but a name goes on with a run, whose record says whether bodies are decoded.
        let isBare = reader.isGiven(Flags.run) && !Flags.definition.contains(where: reader.isGiven)
        let decoding = DecodingOptions(&reader, isNeeded: !isBare)
        registry = decoding.registry
        lacksRegistry = decoding.decodes && decoding.registry == nil
        let filter = FilterOptions(
            &reader, time: Flags.time, more: [Flags.header, Flags.field], decodes: decoding.decodes, now: now)
        selection = Self.selection(&reader, filter.filter, decodes: decoding.decodes)
        selectionText = filter.text
        let topics = Self.topics(&reader)
        let ends: [RangePlace]
        (destination, ends) = Self.destination(&reader)
        range = SourceRange.read(&reader, to: ends, topics: topics)
        if let path = reader.optionalPath(Flags.fromFile) {
            source = .archive(path: path)
        } else {
            source =
                topics.isEmpty
                ? .topics(EventType.allCases.map(\.rawValue), isStandard: true) : .topics(topics, isStandard: false)
        }
        run = reader.runName(Flags.run)
        runsTopic = reader.topic(RedriveFlags.runsTopic)
        progressTopic = reader.topic(RedriveFlags.progressTopic)
        delivery = reader.choice(Flags.delivery, as: Delivery.self, placeholder: Delivery.exactlyOnce)
        timestamps = reader.choice(
            RedriveFlags.timestamp, as: DrainRules.Timestamps.self, placeholder: DrainRules.Timestamps.keep)
        onUndecodable = reader.choice(
            Flags.onUndecodable, as: ReplayRules.OnUndecodable.self, placeholder: ReplayRules.OnUndecodable.skip)
        (pace, rateText) = reader.pace(Flags.rate)
        isRateGiven = reader.isGiven(Flags.rate) || reader.isGiven(RedriveFlags.ramp)
        sharedRate = Self.sharedRate(&reader, pace)
        limit = reader.optionalInteger(Flags.limit, in: 1...1_000_000_000_000).map(Int64.init)
        lag = LagOptions(&reader)
        isOrderStrict = reader.toggle(Flags.strictOrder)
        acceptsReset = reader.toggle(RedriveFlags.acceptReset)
        isAnswered = reader.toggle(.yes)
        isDryRun = reader.toggle(.dryRun)
        isJSON = reader.choice(.output, as: OutputForm.self, placeholder: OutputForm.table) == .json
        progress = reader.choice(.progress, as: ProgressMode.self, placeholder: ProgressMode.auto)
        metricsFile = reader.metricsFile()
        log = LogOptions(&reader)
        definition = RunDefinition(reader, window: (filter.filter.since, filter.filter.until))
        check(&reader, now: now)
    }

    private static func topics(_ reader: inout OptionReader) -> [String] {
        var seen: Set<String> = []
        return reader.list(Flags.topic, limit: SourceTopics.maximumTopics) { text throws(ValueError) in
            try ValueText.topic(text)
        }.filter { seen.insert($0).inserted }
    }

    private static func selection(
        _ reader: inout OptionReader, _ filter: EventFilter, decodes: Bool
    ) -> ReplaySelection {
        let headers = reader.list(Flags.header) { text throws(ValueError) in
            let (name, pattern) = try pair(text, "NAME=GLOB")
            let glob = try Glob(pattern)
            return ReplaySelection.HeaderCondition(name: name) { glob.matches($0) }
        }
        let fields = reader.list(Flags.field) { text throws(ValueError) in
            let (path, value) = try pair(text, "FIELD=VALUE")
            guard let condition = FieldCondition(path: path, value: value) else {
                throw ValueError(text, isNot: "a field's path", give: "FIELD=VALUE, with at most 16 names between dots")
            }
            return condition
        }
        if !decodes, !fields.isEmpty {
            reader.report(Flags.field, "needs the payload: give --schema-registry URL instead of --no-decode")
        }
        return ReplaySelection(filter: filter, headers: headers, fields: fields)
    }

    private static func pair(_ text: String, _ form: String) throws(ValueError) -> (String, String) {
        guard text.utf8.count <= 1_024, let equals = text.firstIndex(of: "="), equals > text.startIndex else {
            throw ValueError(text, isNot: "a condition", give: form)
        }
        return (String(text[..<equals]), String(text[text.index(after: equals)...]))
    }

    /// What `--to`, `--to-file`, `--replay-topic` and `--allow-origin` say together, and the ends among `--to`.
    private static func destination(_ reader: inout OptionReader) -> (Destination, [RangePlace]) {
        let replay = reader.topic(RedriveFlags.replayTopic)
        let allowed = reader.texts(Flags.allowOrigin, limit: 249)
        let file = reader.optionalPath(Flags.toFile)
        var ends: [RangePlace] = []
        var names: [String] = []
        for value in reader.values(of: Flags.to) {
            // A topic's name holds no colon.
            if value.text.contains(":") {
                do throws(ValueError) { ends.append(try RangePlace(value.text)) } catch {
                    reader.report(Flags.to, error.description)
                }
            } else {
                do throws(ValueError) { names.append(try ValueText.topic(value.text)) } catch {
                    reader.report(Flags.to, error.description)
                }
            }
        }
        if names.count > 1 { reader.report(Flags.to, "names \(names.count) destinations; give one") }
        if file != nil, !names.isEmpty { reader.report(Flags.toFile, "and --to name two destinations; give one") }
        if !allowed.isEmpty, names.first != "origin" { reader.report(Flags.allowOrigin, "goes with --to origin") }
        if let file { return (.archive(path: file), ends) }
        switch names.first ?? "replay" {
        case "origin":
            return (
                .origin(
                    allowed: allowed.isEmpty ? EventType.allCases.map(\.rawValue) : allowed,
                    isStandard: allowed.isEmpty), ends
            )
        case "replay": return (.topic(replay), ends)
        case let name: return (.topic(name), ends)
        }
    }

    private static func sharedRate(_ reader: inout OptionReader, _ pace: RateProfile) -> RedisConfiguration? {
        let isAsked = reader.toggle(Flags.sharedRate)
        let redis = RedisOptions(
            &reader, program: Replay.table.program, neededBecause: isAsked ? "to share the rate" : nil)
        guard isAsked else { return nil }
        if pace == .unlimited { reader.report(Flags.sharedRate, "shares nothing with --rate max; give a number") }
        for flag in [Flags.fromFile, Flags.toFile] where reader.isGiven(flag) {
            reader.report(Flags.sharedRate, "does not go with --\(flag.long), which is one copy's work")
        }
        return redis.caches
    }

    private func check(_ reader: inout OptionReader, now: TimePoint) {
        if let since = selection.filter.since, since > now.milliseconds {
            reader.report(RedriveFlags.since, "lies in the future; nothing could be selected")
        }
        checkSources(&reader)
        if case .archive = source {
            if reader.isGiven(Flags.topic) { reader.report(Flags.topic, "does not go with --from-file") }
            if !range.partitions.isEmpty { reader.report(Flags.from, "does not go with --from-file") }
            if case .archive = destination { reader.report(Flags.toFile, "does not go with --from-file") }
            if limit != nil { reader.report(Flags.limit, "does not go with --from-file") }
        }
        if case .archive = destination {
            if isOrderStrict { reader.report(Flags.strictOrder, "does not go with --to-file") }
            if !lag.limits.isEmpty { reader.report(RedriveFlags.maxLag, "does not go with --to-file") }
        }
        if runsTopic == progressTopic { reader.report(RedriveFlags.runsTopic, "is the progress topic") }
    }

    /// A run that reads what it writes would never end.
    private func checkSources(_ reader: inout OptionReader) {
        guard case .topics(let topics, let isStandard) = source else { return }
        let own = Set([progressTopic, runsTopic])
        for topic in topics where own.contains(topic) {
            reader.report(Flags.topic, "\(topic) keeps the tools' own records and cannot be replayed")
        }
        switch destination {
        case .topic(let name):
            if topics.contains(name) {
                reader.report(Flags.to, "\(name) is a source as well: it would never end")
            }
            if own.contains(name) { reader.report(Flags.to, "\(name) keeps the tools' own records") }
        case .origin(let allowed, _):
            let both = isStandard ? topics : topics.filter(allowed.contains)
            if !both.isEmpty {
                reader.report(
                    Flags.to, "origin is a source as well (\(both.joined(separator: ", "))): it would never end")
            }
        case .archive: break
        }
    }
}
