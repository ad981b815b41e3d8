import CommandLine
import Kafka
import Lifecycle
import Redrive
import ToolKit

/// The queue that a command looks at without changing anything, and how a drain with the same flags would judge its records.
struct QueueOptions: Sendable {
    let connection: ConnectionOptions
    let topic: String
    let group: String
    let progressTopic: String
    let parkedTopic: String
    let destination: DrainOptions.Destination
    let maximumRetries: Int32
    let timestamps: DrainRules.Timestamps

    /// Reads the flags, noting every mistake in `reader`.
    init(_ reader: inout OptionReader) {
        connection = ConnectionOptions(&reader, program: "reprocess-dlq")
        topic = reader.topic(Flags.topic)
        group = reader.optionalName(Flags.group) ?? "gamification.drain.\(topic)"
        progressTopic = reader.topic(RedriveFlags.progressTopic)
        parkedTopic = reader.topic(Flags.parkedTopic)
        destination = DrainOptions.destination(&reader)
        maximumRetries = Int32(reader.integer(Flags.maxRetries, in: 0...1_000))
        timestamps = reader.choice(
            RedriveFlags.timestamp, as: DrainRules.Timestamps.self, placeholder: DrainRules.Timestamps.keep)
    }
}

extension QueueOptions {
    /// What looks how far the group has come.
    ///
    /// - Parameter toleratesProgress: whether progress that cannot be followed is a notice and not the end.
    func surveyor(
        toleratesProgress: Bool, patience: Duration, stop: StopFlag, say: @escaping @Sendable (String) -> Void
    ) -> QueueSurveyor {
        QueueSurveyor(
            connection: connection, topic: topic, group: group, progressTopic: progressTopic,
            toleratesProgress: toleratesProgress, patience: patience, stop: stop, say: say)
    }

    /// The rules by which a drain would judge; asks for the topics that it would publish to. Blocking.
    ///
    /// - Parameter missing: told of those that do not exist.
    func rules(_ admin: KafkaAdmin, patience: Duration, missing: (String) -> Void) throws -> DrainRules {
        let reader = try KafkaConsumer(connection.kafka, group: nil, isolation: .readCommitted)
        defer { reader.close(timeout: .seconds(5)) }
        var destinations: [String: TopicRules] = [:]
        func add(_ topic: String, _ role: String) throws -> Bool {
            guard try TopicSurvey.exists(topic, reader, patience) else { return false }
            destinations[topic] = try TopicSurvey.rules(of: topic, role: role, admin, reader, patience)
            return true
        }
        func need(_ topic: String, _ role: String) throws {
            if try add(topic, role) { return }
            missing("the \(role) \(topic) does not exist, and a drain needs it")
        }
        try need(parkedTopic, "parked topic")
        let route: DrainRules.Route
        switch destination {
        case .topic(let name):
            route = .topic(name)
            try need(name, "destination")
        case .origin(let allowed):
            route = .origin(allowed: Set(try allowed.filter { try add($0, "origin topic") }))
        case .nowhere: route = .origin(allowed: [])
        }
        var rules = DrainRules(
            source: topic, route: route, parkedTopic: parkedTopic, run: "", parkedBy: "", destinations: destinations)
        rules.maximumRetries = maximumRetries
        rules.timestamps = timestamps
        return rules
    }
}
