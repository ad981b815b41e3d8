import Kafka
import Lifecycle

/// Sees whether the end of a topic's first partition is held back by a transaction. Its connections stay open: a
/// transaction lasts less long than it takes to make one.
final class TransactionProbe: Sendable {
    private let stable: KafkaConsumer
    private let all: KafkaConsumer
    private let target: TopicPartition
    private let executor = BlockingExecutor(name: "probe")

    init(_ topic: String, on kafka: KafkaConfiguration) throws {
        stable = try KafkaConsumer(kafka, group: nil, isolation: .readCommitted)
        all = try KafkaConsumer(kafka, group: nil, isolation: .readUncommitted)
        target = TopicPartition(topic: topic, partition: 0)
    }

    deinit {
        let (stable, all) = (stable, all)
        NamedThread.start("probe-end") {
            stable.close(timeout: .seconds(5))
            all.close(timeout: .seconds(5))
        }
    }

    /// False also where no broker answers.
    func isOpen() async -> Bool {
        let (stable, all, target) = (stable, all, target)
        return await executor.run {
            guard let high = try? all.watermarks(of: target, timeout: .seconds(5)).highWatermark,
                let end = try? stable.stableBounds(of: target, timeout: .seconds(5)).lastStableOffset
            else { return false }
            return end < high
        }
    }
}
