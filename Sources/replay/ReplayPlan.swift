import CommandLine
import Events
import Kafka
import Lifecycle
import Pacing
import Redrive
import Runs
import ToolKit

/// What a replay would do, found out without changing anything: topics and their settings, the pinned range, what is done.
struct ReplayPlan: Sendable {
    let clusterID: String
    let settings: RedriveSettings
    let rules: ReplayRules
    /// By slot.
    let starts: [PartitionStart]
    let endOffsets: [Int32: Int64]
    let range: [RunRecord.TopicRange]
    /// Sentences that the operator should read first.
    let notices: [String]

    /// Offsets in the range that are not done.
    var remaining: Int64 { remaining(of: starts) }

    /// The same where the group stands elsewhere by now.
    func remaining(of starts: [PartitionStart]) -> Int64 {
        starts.reduce(0) { $0 + $1.done.remaining(below: endOffsets[$1.partition] ?? 0) }
    }

    /// Offsets in the range.
    var total: Int64 { range.reduce(0) { $0 + $1.bounds.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) } } }

    /// What the runs topic is to say of the run; `now` in milliseconds since 1970.
    func record(_ options: ReplayOptions, now: Int64) -> RunRecord {
        RunRecord(
            name: settings.run, program: Replay.table.program, command: Replay.start.name, group: settings.group,
            definition: options.definition.recorded, range: range, rate: options.rateText, startedAt: now)
    }
}

/// Finds a replay's plan. Blocking: on a blocking executor.
struct ReplayPlanner {
    let options: ReplayOptions
    let runName: String
    let copy: String
    /// The range of a run that goes on.
    var known: RunRecord?
    let pace: RateProfile
    let patience: Duration
    let stop: StopFlag
    let say: @Sendable (String) -> Void

    /// How far before `--since` the broker's index is asked for: times are not in order, and clocks differ.
    static let indexMargin: Int64 = 3_600_000

    func plan(_ topics: [String], reader: KafkaConsumer, admin: KafkaAdmin, clusterID: String) throws -> ReplayPlan {
        var notices: [String] = []
        let (sources, isCompacted) = try sources(topics, reader, admin, &notices)
        let (route, destinations) = try ReplayDestinations(options, patience).find(reader, admin)
        let progressTopic = try findProgressTopic(reader, admin, &notices)
        var settings = RedriveSettings(
            kafka: options.connection.kafka, sources: sources, group: Self.group(of: runName), run: runName,
            copy: copy, delivery: options.delivery, progressTopic: progressTopic, limit: options.limit,
            pace: pace == .unlimited ? .unlimited : .profile(pace))
        settings.acceptsReset = options.acceptsReset
        settings.sourceIsCompacted = isCompacted
        settings.leavesNothing = true
        settings.patience = patience
        settings.maximumBatchBytes = destinations.values.map(\.maximumMessageBytes).min() ?? settings.maximumBatchBytes
        settings.destinationPartitions = destinations.values.reduce(0) { $0 + Int($1.partitionCount) }
        let bounds = try known.map { ranges(of: $0, sources) } ?? pin(sources, reader, &notices)
        settings.range = bounds
        var rules = ReplayRules(route: route, run: runName, destinations: destinations)
        rules.timestamps = options.timestamps
        rules.onUndecodable = options.onUndecodable
        let starts = try GroupProgress(settings, slots: bounds.keys.sorted(), stop: stop, notify: say).load()
        notices += starts.flatMap { start in
            start.notices.map { $0.sentence(topic: sources.topic(of: start.partition)) }
        }
        return ReplayPlan(
            clusterID: clusterID, settings: settings, rules: rules, starts: starts,
            endOffsets: bounds.mapValues(\.upperBound), range: Self.recorded(bounds, sources), notices: notices)
    }

    /// The group that keeps a run's progress.
    static func group(of run: String) -> String { "gamification.replay.\(run)" }

    // MARK: - Sources

    /// The topics that are there. A mistyped name must not pass for an empty topic; of the standard ones some may be
    /// missing.
    private func sources(
        _ topics: [String], _ reader: KafkaConsumer, _ admin: KafkaAdmin, _ notices: inout [String]
    ) throws -> (SourceTopics, isCompacted: Bool) {
        var found: [String] = []
        var isCompacted = false
        var isStandard = false
        if case .topics(_, let standard) = options.source { isStandard = standard }
        for topic in topics {
            guard try TopicSurvey.exists(topic, reader, patience) else {
                if isStandard, known == nil { continue }
                throw Refusal(.refused, "the topic \(topic) does not exist")
            }
            let rules = try TopicSurvey.rules(of: topic, role: "topic", admin, reader, patience)
            if topics.count > 1, rules.partitionCount > SourceTopics.maximumPartitions {
                throw Refusal(
                    .refused,
                    "topic \(topic) has \(rules.partitionCount) partitions; with more than "
                        + "\(SourceTopics.maximumPartitions) it needs a run of its own")
            }
            if rules.isCompacted {
                isCompacted = true
                notices.append("\(topic) is compacted: only the last record of each key is sure to be there")
            }
            found.append(topic)
        }
        guard !found.isEmpty else {
            throw Refusal(.refused, "none of the event topics exists: \(topics.joined(separator: ", ")); name --topic")
        }
        return (SourceTopics(found), isCompacted)
    }

    // MARK: - Range

    /// What a run that goes on has pinned.
    private func ranges(of record: RunRecord, _ sources: SourceTopics) -> [Int32: Range<Int64>] {
        var ranges: [Int32: Range<Int64>] = [:]
        for topic in record.range {
            for (partition, bounds) in topic.bounds.enumerated() {
                if let slot = sources.slot(of: topic.topic, Int32(partition)) { ranges[slot] = bounds }
            }
        }
        return ranges
    }

    private func pin(
        _ sources: SourceTopics, _ reader: KafkaConsumer, _ notices: inout [String]
    ) throws -> [Int32: Range<Int64>] {
        let unstable = try KafkaConsumer(options.connection.kafka, group: nil, isolation: .readUncommitted)
        defer { unstable.close(timeout: .seconds(5)) }
        var ranges: [Int32: Range<Int64>] = [:]
        for topic in sources.names {
            let places = try reader.partitions(of: topic, timeout: patience)
            let firsts = try firstOffsets(places, reader)
            if let wrong = options.range.partitions.keys.first(where: { $0 >= Int32(places.count) }) {
                throw Refusal(.refused, "topic \(topic) has no partition \(wrong): it has \(places.count)")
            }
            for place in places {
                guard let slot = sources.slot(of: place) else { continue }
                let stable = try reader.stableBounds(of: place, timeout: patience)
                let high = try unstable.watermarks(of: place, timeout: patience).highWatermark
                let bounds = try range(of: place, stable, first: firsts[place])
                ranges[slot] = bounds
                if high > stable.lastStableOffset, bounds.upperBound == stable.lastStableOffset {
                    notices.append(
                        "an open transaction holds back \(high - stable.lastStableOffset) offsets at the end of \(place); "
                            + "they are no part of the run")
                }
            }
        }
        return ranges
    }

    /// Where the broker's index says that a window may begin; it may choose where to start reading, never where to end.
    private func firstOffsets(
        _ places: [TopicPartition], _ reader: KafkaConsumer
    ) throws -> [TopicPartition: Int64?] {
        let filter = options.selection.filter
        guard filter.timeBasis == .event, let since = filter.since else { return [:] }
        return try reader.offsets(at: max(0, since - Self.indexMargin), in: places, timeout: patience)
    }

    /// - Parameter first: nil where the index was not asked, else what it said: nil where no record is as young.
    private func range(
        of place: TopicPartition, _ stable: StableBounds, first: Int64??
    ) throws -> Range<Int64> {
        var from = stable.logStart
        if let first { from = max(from, first ?? stable.lastStableOffset) }
        var to = stable.lastStableOffset
        if !options.range.partitions.isEmpty {
            guard let asked = options.range.partitions[place.partition] else { return from..<from }
            if let start = asked.from {
                guard start <= to else {
                    throw Refusal(.refused, "\(place) ends at offset \(to), before --from \(place.partition):\(start)")
                }
                from = max(from, start)
            }
            if let end = asked.to { to = min(to, end) }
        }
        return from..<max(from, to)
    }

    private static func recorded(_ ranges: [Int32: Range<Int64>], _ sources: SourceTopics) -> [RunRecord.TopicRange] {
        sources.names.map { topic in
            let slots = ranges.keys.filter { sources.topic(of: $0) == topic }.sorted()
            return RunRecord.TopicRange(topic: topic, bounds: slots.compactMap { ranges[$0] })
        }
    }

    // MARK: - Progress

    private func findProgressTopic(
        _ reader: KafkaConsumer, _ admin: KafkaAdmin, _ notices: inout [String]
    ) throws -> String? {
        guard try TopicSurvey.exists(options.progressTopic, reader, patience) else {
            notices.append(
                "the topic \(options.progressTopic) does not exist: only the group's committed offset keeps the progress, "
                    + "and a broker forgets that of an idle group after offsets.retention.minutes (7 days by default)")
            return nil
        }
        let rules = try TopicSurvey.rules(of: options.progressTopic, role: "progress topic", admin, reader, patience)
        if rules.isDeleting, rules.retention != nil {
            throw Refusal(
                .refused,
                "topic \(options.progressTopic) is not compacted (cleanup.policy): it would forget what is done. Set "
                    + "cleanup.policy=compact")
        }
        return options.progressTopic
    }
}
