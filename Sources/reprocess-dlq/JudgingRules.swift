import CommandLine
import Kafka
import Redrive
import ToolKit

/// The rules by which a drain with the same flags would judge, for commands that publish nothing.
struct JudgingRules {
    let connection: ConnectionOptions
    let destination: DrainOptions.Destination
    let parkedTopic: String
    let source: String
    let maximumRetries: Int32
    let timestamps: DrainRules.Timestamps
    let patience: Duration

    /// Asks for the topics that a drain would publish to. Blocking.
    ///
    /// - Parameter missing: told of those that do not exist.
    func find(_ admin: KafkaAdmin, missing: (String) -> Void) throws -> DrainRules {
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
            source: source, route: route, parkedTopic: parkedTopic, run: "", parkedBy: "", destinations: destinations)
        rules.maximumRetries = maximumRetries
        rules.timestamps = timestamps
        return rules
    }
}
