import Kafka
import Lifecycle
import TestSupport

/// Fills a dead-letter topic. Blocking calls run on an executor of its own.
package final class Seeder: Sendable {
    private let executor = BlockingExecutor(name: "seeder")
    private let kafka: KafkaConfiguration

    package init(_ bootstrapServers: String) {
        kafka = KafkaConfiguration(bootstrapServers: bootstrapServers, clientID: "seeder")
    }

    /// Appends records `range` to every partition of the topic, acknowledged by all in-sync replicas.
    package func fill(_ topic: String, partitions: Range<Int>, records range: Range<Int>) async throws {
        let kafka = kafka
        try await executor.run {
            let producer = try KafkaProducer(kafka, transactionalID: nil)
            do {
                let handle = try producer.topic(topic)
                for index in range {
                    for partition in partitions {
                        try handle.send(ProofRecord(partition: Int32(partition), index: Int32(index)).outgoing())
                    }
                }
            }
            try producer.flush(timeout: .seconds(120))
            let failed = producer.takeFailures()
            producer.close(timeout: .seconds(10))
            if let first = failed.failures.first { throw first.error }
        }
    }
}
