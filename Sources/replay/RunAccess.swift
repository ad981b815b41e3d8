import CommandLine
import Kafka
import Lifecycle
import Runs
import ToolKit

/// The runs topic for a command that starts nothing. Blocking: on a blocking executor.
struct RunAccess {
    let connection: ConnectionOptions
    let topic: String
    let stop: StopFlag
    let say: Reporter
    static let patience = Duration.seconds(30)

    /// Does `body` with the store, once the brokers answer.
    func with<Value>(_ body: (RunStore) throws -> Value) throws -> Value {
        let admin = try KafkaAdmin(connection.kafka)
        _ = try BrokerWait(
            servers: connection.kafka.bootstrapServers, patience: Self.patience, stop: stop, say: { say.info($0) }
        ).clusterID(admin)
        admin.close(timeout: .seconds(5))
        let store = try RunStore(connection.kafka, topic: topic, patience: Self.patience)
        defer { _ = store.close(timeout: .seconds(5)) }
        guard try store.exists() else { throw Self.missing(topic) }
        return try body(store)
    }

    /// The topic is not there.
    static func missing(_ topic: String) -> Refusal {
        Refusal(
            .refused,
            "the topic \(topic), in which runs stand, does not exist; make it with: reprocess-dlq topics --create")
    }
}
