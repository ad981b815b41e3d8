import Kafka
import KafkaTestSupport
import Lifecycle
import TestSupport

/// Topics of one test's own on Apache Kafka, with settings as the test wants them, and drains on them.
struct DrainStage: Sendable {
    let stage: Stage
    let topic: String

    var destination: String { "\(topic).replay" }
    var parked: String { "\(topic).parked" }

    /// One partition each; all of the topics that a drain needs.
    init(
        _ label: String, source: [String: String] = [:], destination: [String: String] = [:],
        parked: [String: String] = [:]
    ) async throws {
        stage = try await Stage.shared(.apacheKafka)
        topic = uniqueName(label)
        let kafka = try await ScratchKafka.shared()
        for (name, settings) in [
            (topic, source), (self.destination, destination), (self.parked, parked),
            ("\(topic).progress", ["cleanup.policy": "compact"]), ("\(topic).runs", ["cleanup.policy": "compact"]),
        ] {
            try await kafka.createTopic(named: name, settings: settings)
        }
    }

    /// The call of a drain without a schema registry, which asks nothing.
    var call: [String] {
        ["drain", "--yes", "--rate", "max", "--runs-topic", "\(topic).runs"] + stage.flags(topic, decodes: false)
    }

    func publish(_ records: [OutgoingRecord]) async throws { try await stage.publish(records, to: topic) }

    func drain(_ options: [String] = [], exit code: Int32 = 0) async throws -> JSON {
        try await Program.json(call + options, exit: code)
    }

    /// All that a topic holds for readers of committed records.
    func read(_ topic: String) async throws -> [ReadRecord] {
        let configuration = stage.kafka
        return try await BlockingExecutor(name: "read").run { try readAll(configuration, topic) }
    }
}
