import CommandLine
import Configuration
import Events
import Kafka
import Lifecycle
import Redrive
import ToolKit

/// What a drain would do, found out without changing anything: topics and their settings, what is done, where it ends.
struct DrainPlan: Sendable {
    let clusterID: String
    var settings: RedriveSettings
    var rules: DrainRules
    let destinations: [String: TopicRules]
    let starts: [PartitionStart]
    var ends: EndPins
    var endOffsets: [Int32: Int64]
    /// Sentences that the operator should read first.
    let notices: [String]

    /// Offsets that are not done: records, and markers and gaps that hold none.
    var remaining: Int64 {
        starts.reduce(0) { $0 + $1.done.remaining(below: endOffsets[$1.partition] ?? 0) }
    }

    var isEmpty: Bool { remaining == 0 }

    /// What the canary has done counts for --limit, --max-parked and --max-errors.
    mutating func spend(_ tally: RunTally) {
        settings.limit = settings.limit.map { max(0, $0 - tally.selected) }
        settings.bounds = settings.bounds.left(after: tally)
    }
}

/// Finds a drain's plan. Blocking: on a blocking executor.
struct DrainPlanner {
    let options: DrainOptions
    let runName: String
    let copy: String
    let parkedBy: String
    let patience: Duration
    let stop: StopFlag
    let say: @Sendable (String) -> Void
    /// A plan that is to be applied.
    var file: PlanFile?
    /// Whether the group will be joined.
    var joins = true

    func plan(reader: KafkaConsumer) throws -> DrainPlan {
        var notices: [String] = []
        let admin = try KafkaAdmin(options.connection.kafka)
        defer { admin.close(timeout: .seconds(5)) }
        let clusterID = try checkCluster(admin)
        let source = try TopicSurvey.rules(
            of: options.topic, role: options.job == .unpark ? "parked topic" : "dead-letter topic", admin, reader,
            patience)
        if source.isCompacted {
            notices.append("\(options.topic) is compacted: records of the same key may have vanished from it")
        }
        var route: DrainRules.Route
        var destinations: [String: TopicRules] = [:]
        switch options.destination {
        case .topic(let name):
            route = .topic(name)
            destinations[name] = try TopicSurvey.rules(of: name, role: "destination", admin, reader, patience)
        case .origin(let allowed):
            let isNamed = allowed != EventType.allCases.map(\.rawValue)
            for name in allowed {
                guard try TopicSurvey.exists(name, reader, patience) else {
                    // A mistyped name would park every record of the topic that was meant.
                    if isNamed {
                        throw Refusal(.refused, "the topic \(name), which --allow-origin names, does not exist")
                    }
                    continue
                }
                destinations[name] = try TopicSurvey.rules(of: name, role: "origin topic", admin, reader, patience)
            }
            route = .origin(allowed: Set(destinations.keys))
            if destinations.isEmpty {
                throw Refusal(.refused, "none of the origin topics exists: \(allowed.joined(separator: ", "))")
            }
        case .nowhere: route = .origin(allowed: [])
        }
        if options.job.parks {
            destinations[options.parkedTopic] = try TopicSurvey.rules(
                of: options.parkedTopic, role: "parked topic", admin, reader, patience)
        }
        if options.skipped == .requeue { destinations[options.topic] = source }
        for rules in destinations.values where rules.isCompacted {
            throw Refusal(
                .refused, "topic \(rules.topic) (cleanup.policy=compact) would drop all but the last record of a key")
        }
        let progressTopic = try findProgressTopic(admin, reader, &notices)
        var settings = RedriveSettings(
            kafka: options.connection.kafka, topic: options.topic, group: options.group, run: runName, copy: copy,
            delivery: options.delivery, progressTopic: progressTopic, limit: options.limit, pace: options.pace)
        settings.bounds = options.guards.bounds
        settings.soleReason = options.job.soleReason ?? (options.canary == nil ? nil : "--canary")
        settings.follows = options.follows
        settings.acceptsReset = options.acceptsReset
        settings.sourceIsCompacted = source.isCompacted
        settings.patience = patience
        settings.maximumBatchBytes = destinations.values.map(\.maximumMessageBytes).min() ?? settings.maximumBatchBytes
        settings.destinationPartitions = destinations.reduce(0) { sum, destination in
            destination.key == options.parkedTopic ? sum : sum + Int(destination.value.partitionCount)
        }
        var rules = DrainRules(
            source: options.topic, route: route, parkedTopic: options.parkedTopic, run: runName, parkedBy: parkedBy,
            destinations: destinations)
        rules.purpose = options.job.purpose
        rules.maximumRetries = options.maximumRetries
        rules.timestamps = options.timestamps
        rules.skipped = options.skipped
        let occupancy = GroupOccupancy(
            options.connection.kafka, group: options.group, runsTopic: options.runsTopic, patience: patience,
            stop: stop, say: say)
        if joins, let reason = settings.needsToBeAlone {
            try occupancy.waitUntilAlone(admin, purpose: reason)
        } else if let other = try occupancy.occupant(admin) {
            if joins, other.command.map(Job.soleCommands.contains) == true {
                // It would end with an error as soon as this run joined.
                try occupancy.waitUntilAlone(admin, purpose: options.job.name)
            } else {
                notices.append(
                    "group \(options.group) is at work already\(joins ? ", and this run shares it" : ""): \(other.name)"
                )
            }
        }
        let ends = EndPins(topic: options.topic, reader: reader, patience: patience)
        notices += try openTransactions(try ends.pinAll())
        if let file { ends.lower(to: file.ends) }
        let endOffsets = try ends.pinAll()
        let starts = try loadProgress(settings, partitions: endOffsets.keys.sorted())
        notices += starts.flatMap { $0.notices.map { $0.sentence(topic: options.topic) } }
        return DrainPlan(
            clusterID: clusterID, settings: settings, rules: rules, destinations: destinations, starts: starts,
            ends: ends, endOffsets: endOffsets, notices: notices)
    }

    private func checkCluster(_ admin: KafkaAdmin) throws -> String {
        let id = try BrokerWait(
            servers: options.connection.kafka.bootstrapServers, patience: patience, stop: stop, say: say
        ).clusterID(admin)
        if let expected = options.connection.expectedClusterID, expected != id {
            throw Refusal(.refused, "this is cluster \(id), not \(expected); nothing was read or published")
        }
        if let planned = file?.header.clusterID, planned != id {
            throw Refusal(
                .refused, "the plan is of cluster \(planned), and this is \(id); nothing was read or published")
        }
        if id.hasPrefix(TopicSurvey.mockPrefix), options.delivery == .exactlyOnce {
            throw Refusal(
                .refused,
                "the brokers are librdkafka's mock cluster (\(id)), which has no transactions; nothing was published. Use "
                    + "--delivery at-least-once")
        }
        return id
    }

    private func findProgressTopic(
        _ admin: KafkaAdmin, _ reader: KafkaConsumer, _ notices: inout [String]
    ) throws -> String? {
        if try TopicSurvey.exists(options.progressTopic, reader, patience) {
            let rules = try TopicSurvey.rules(
                of: options.progressTopic, role: "progress topic", admin, reader, patience)
            if rules.isDeleting, rules.retention != nil {
                throw Refusal(
                    .refused,
                    "topic \(options.progressTopic) is not compacted (cleanup.policy): it would forget what is done. Set "
                        + "cleanup.policy=compact")
            }
            return options.progressTopic
        }
        let other = file != nil ? "a plan" : options.canary != nil ? "a canary" : nil
        guard other == nil, options.filter.filter.isEmpty || options.skipped == .requeue else {
            throw Refusal(
                .refused,
                "\(other ?? "a filter") leaves records behind, and the topic \(options.progressTopic), which would remember "
                    + "what is done, does not exist. Make it with: reprocess-dlq topics --create"
                    + (other == nil ? "; or say --skipped requeue" : ""))
        }
        notices.append(
            "the topic \(options.progressTopic) does not exist: only the group's committed offset keeps the progress, "
                + "and a broker forgets that of an idle group after offsets.retention.minutes (7 days by default)")
        return nil
    }

    private func openTransactions(_ ends: [Int32: Int64]) throws -> [String] {
        let reader = try KafkaConsumer(options.connection.kafka, group: nil, isolation: .readUncommitted)
        defer { reader.close(timeout: .seconds(5)) }
        return try ends.sorted { $0.key < $1.key }.compactMap { partition, end in
            let target = TopicPartition(topic: options.topic, partition: partition)
            let high = try reader.watermarks(of: target, timeout: patience).highWatermark
            guard high > end else { return nil }
            return
                "an open transaction holds back \(high - end) offsets at the end of \(target); they are left for later"
        }
    }

    private func loadProgress(_ settings: RedriveSettings, partitions: [Int32]) throws -> [PartitionStart] {
        let member = try KafkaConsumer(settings.kafka, group: settings.group, isolation: .readCommitted)
        defer { member.close(timeout: .seconds(5)) }
        let store = try ProgressStore(settings, member: member, stop: stop, notify: say)
        defer { _ = store.close(timeout: .seconds(5)) }
        return try store.load(partitions)
    }
}
