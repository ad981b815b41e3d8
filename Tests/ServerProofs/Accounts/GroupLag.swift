import Kafka
import Lifecycle

/// How far the servers' group is behind on what it consumes.
final class GroupLag: Sendable {
    private static let topics = ["points.earned", "customer.updated", "gamification.replay"]

    private let stack: ServerStack
    private let executor = BlockingExecutor(name: "lag")

    init(_ stack: ServerStack) { self.stack = stack }

    /// Records, of all partitions; nil while the broker does not say.
    func lag() async -> Int? {
        let (client, count) = (stack.client, stack.partitions)
        return await executor.run {
            guard
                let consumer = try? KafkaConsumer(client, group: "gamification-server", isolation: .readUncommitted)
            else { return nil }
            defer { consumer.close(timeout: .seconds(10)) }
            let partitions = Self.topics.flatMap { topic in
                (0..<count).map { TopicPartition(topic: topic, partition: Int32($0)) }
            }
            guard let committed = try? consumer.committed(partitions, timeout: .seconds(10)) else { return nil }
            var lag = 0
            for (partition, offset) in zip(partitions, committed) {
                guard let end = try? consumer.watermarks(of: partition, timeout: .seconds(10)).highWatermark else {
                    return nil
                }
                let start = offset.offset ?? 0
                guard start < end else { continue }
                guard let count = Self.count(client, PartitionOffset(partition, offset: start)) else { return nil }
                lag += count
            }
            return lag
        }
    }

    /// Records from an offset on: the end of a transaction takes an offset, and is none.
    private static func count(_ client: KafkaConfiguration, _ start: PartitionOffset) -> Int? {
        guard let reader = try? KafkaConsumer(client, group: nil, isolation: .readCommitted) else { return nil }
        defer { reader.close(timeout: .seconds(10)) }
        guard (try? reader.assign([start])) != nil else { return nil }
        let batch = RecordBatch(capacity: 1_000)
        defer { batch.reset() }
        var count = 0
        for _ in 0..<100 {
            guard (try? reader.pollRecords(into: batch, timeout: .milliseconds(100))) != nil else { return nil }
            _ = try? reader.pollEvents(timeout: .zero)
            for index in 0..<batch.count {
                switch batch.entry(index) {
                case .record: count += 1
                case .endOfPartition: return count
                case .error: return nil
                }
            }
        }
        return nil
    }
}
