import Kafka
import KafkaTestSupport
import Lifecycle
import Synchronization
package import TestSupport

/// How much `read_committed` sees of a topic.
package struct TopicCount: Sendable {
    package var records = 0
    /// Of keys and values.
    package var bytes = 0

    /// Reads all of a topic, once no transaction holds anything back.
    package static func of(_ topic: String, partitions: Int, on kafka: ScratchKafka) async throws -> TopicCount {
        let configuration = KafkaConfiguration(bootstrapServers: kafka.bootstrapServers, clientID: "proof")
        try await BlockingExecutor(name: "topic-count").run { try waitUntilStable(configuration, topic) }
        let counts = Counts()
        let reader = try TopicReader(
            kafka.bootstrapServers, topic: topic, partitions: partitions, isolation: .readCommitted
        ) { batch, index in
            let bytes = (batch.key(index)?.count ?? 0) + (batch.value(index)?.count ?? 0)
            counts.total.withLock {
                $0.records += 1
                $0.bytes += bytes
            }
        }
        let isRead = await eventually(deadline: 60) {
            guard let ends = await reader.ends() else { return false }
            return reader.hasReached(ends)
        }
        guard isRead else { throw TestSupportError("\(topic) could not be read to its end") }
        return counts.total.withLock { $0 }
    }

    private final class Counts: Sendable {
        let total = Mutex(TopicCount())
    }
}
