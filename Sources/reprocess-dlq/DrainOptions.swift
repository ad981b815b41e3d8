import CommandLine
import Configuration
import Events
import Kafka
import Observability
import Redrive
import SchemaRegistry
import ToolKit

/// What `drain` was told, checked; nothing has been tried yet.
struct DrainOptions: Sendable {
    enum Destination: Sendable, Equatable {
        case topic(String)
        case origin(allowed: [String])
        /// Nothing is redriven.
        case nowhere
    }

    var connection: ConnectionOptions
    let registry: SchemaRegistryClient?
    let filter: FilterOptions
    var job: Job
    var topic: String
    var destination: Destination
    var parkedTopic: String
    let progressTopic: String
    let runsTopic: String
    var group: String
    var isDefaultGroup: Bool
    let run: String?
    let delivery: Delivery
    let maximumRetries: Int32
    var timestamps: DrainRules.Timestamps
    var skipped: DrainRules.Skipped
    let pace: RedriveSettings.Pace
    let guards: GuardOptions
    let limit: Int64?
    /// The groups that process what is redriven.
    let consumers: [String]
    let canary: CanaryOptions?
    let follows: Bool
    let acceptsReset: Bool
    let allowsMassPark: Bool
    let isAnswered: Bool
    let isDryRun: Bool
    let isJSON: Bool
    let progress: ProgressMode
    let metricsFile: String?
    let reportFile: String?
    /// The call, as somebody else can type it again.
    let command: String
    let log: LogOptions

    /// Reads everything, noting every mistake in `reader`.
    init(_ reader: inout OptionReader, now: TimePoint) {
        job = Job(&reader)
        connection = ConnectionOptions(&reader, program: "reprocess-dlq")
        let decoding = DecodingOptions(&reader, isNeeded: job.judgesBodies)
        registry = decoding.registry
        filter = FilterOptions(&reader, decodes: decoding.decodes, now: now)
        topic = reader.topic(job == .unpark ? Flags.parkedTopic : Flags.topic)
        destination = job.redrives ? Self.destination(&reader) : .nowhere
        parkedTopic = reader.topic(Flags.parkedTopic)
        progressTopic = reader.topic(RedriveFlags.progressTopic)
        runsTopic = reader.topic(RedriveFlags.runsTopic)
        let standardGroup = "gamification.\(job == .unpark ? "unpark" : "drain").\(topic)"
        group = reader.optionalName(Flags.group) ?? standardGroup
        isDefaultGroup = group == standardGroup
        run = reader.runName(RedriveFlags.run)
        // Whatever a configuration file says for other commands: only a transaction holds an archive and the progress
        // together.
        delivery =
            job.archive != nil
            ? .exactlyOnce : reader.choice(Flags.delivery, as: Delivery.self, placeholder: Delivery.exactlyOnce)
        maximumRetries = Int32(reader.integer(Flags.maxRetries, in: 0...1_000))
        timestamps = reader.choice(
            RedriveFlags.timestamp, as: DrainRules.Timestamps.self, placeholder: DrainRules.Timestamps.keep)
        skipped = reader.choice(Flags.skipped, as: DrainRules.Skipped.self, placeholder: DrainRules.Skipped.leave)
        pace = GuardOptions.pace(&reader)
        guards = GuardOptions(&reader)
        limit = reader.optionalInteger(Flags.limit, in: 1...1_000_000_000_000).map(Int64.init)
        consumers = CanaryOptions.groups(&reader)
        canary = CanaryOptions(&reader, groups: consumers)
        follows = reader.toggle(Flags.follow)
        acceptsReset = reader.toggle(RedriveFlags.acceptReset)
        allowsMassPark = reader.toggle(Flags.allowMassPark)
        isAnswered = reader.toggle(.yes)
        isDryRun = reader.toggle(.dryRun)
        isJSON = reader.choice(.output, as: OutputForm.self, placeholder: OutputForm.table) == .json
        progress = reader.choice(.progress, as: ProgressMode.self, placeholder: ProgressMode.auto)
        metricsFile = reader.metricsFile()
        reportFile = Self.reportFile(&reader)
        command = CommandText.text(reader)
        log = LogOptions(&reader)
        check(&reader)
    }

    /// The page is written at the end, when it is too late to name another.
    private static func reportFile(_ reader: inout OptionReader) -> String? {
        guard let path = reader.optionalPath(Flags.report) else { return nil }
        if let reason = OutputFile.objection(to: path) {
            reader.report(Flags.report, "\(PrintableText.quoted(path)) cannot be written: \(reason)")
        }
        return path
    }

    /// What `--to`, `--replay-topic` and `--allow-origin` say together.
    static func destination(_ reader: inout OptionReader) -> Destination {
        let replay = reader.topic(RedriveFlags.replayTopic)
        let allowed = reader.texts(Flags.allowOrigin, limit: 249)
        switch reader.text(.to) {
        case "origin": return .origin(allowed: allowed.isEmpty ? EventType.allCases.map(\.rawValue) : allowed)
        case "replay":
            if !allowed.isEmpty { reader.report(Flags.allowOrigin, "goes with --to origin") }
            return .topic(replay)
        default:
            if !allowed.isEmpty { reader.report(Flags.allowOrigin, "goes with --to origin") }
            return .topic(reader.topic(.to))
        }
    }

    /// Where records may be published, the parked topic aside.
    private var destinations: Set<String> {
        switch destination {
        case .topic(let name): [name]
        case .origin(let allowed): Set(allowed)
        case .nowhere: []
        }
    }

    private func check(_ reader: inout OptionReader) {
        if case .topic(let name) = destination, name == topic {
            reader.report(.to, "is the topic that is read: it would never be empty")
        }
        if case .origin(let allowed) = destination, allowed.contains(topic) {
            reader.report(Flags.allowOrigin, "names the dead-letter topic itself: it would never be empty")
        }
        if parkedTopic == topic, job.parks { reader.report(Flags.parkedTopic, "is the dead-letter topic itself") }
        if destinations.contains(parkedTopic) {
            reader.report(Flags.parkedTopic, "is a destination too: what is parked would be processed again")
        }
        for (flag, name, other) in [
            (RedriveFlags.progressTopic, progressTopic, runsTopic), (RedriveFlags.runsTopic, runsTopic, progressTopic),
        ] where destinations.union([topic, parkedTopic, other]).contains(name) {
            reader.report(
                flag, "holds the dead letters, is a destination, or has another purpose: it needs a topic of its own")
        }
        if skipped == .requeue, follows {
            reader.report(Flags.skipped, "requeue does not go with --follow: it would never end")
        }
        if skipped == .requeue, filter.filter.isEmpty {
            reader.report(Flags.skipped, "requeue needs a filter: without one nothing is skipped")
        }
    }
}
