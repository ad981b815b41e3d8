package import Kafka
import Lifecycle
import Synchronization
import TestSupport

/// Reads all of a topic from its beginning, on a thread of its own, until it is released.
package final class TopicReader: Sendable {
    package let topic: String
    package let partitions: Int
    private let consumer: KafkaConsumer
    /// Asked for offsets: on the reader's own connection a question waits behind the fetch that waits for records.
    private let asker: KafkaConsumer
    private let positions: Mutex<[Int64]>
    private let stop = StopFlag()
    private let executor = BlockingExecutor(name: "topic-reader")
    private let calls = BlockingExecutor(name: "topic-bounds")

    /// - Parameter visit: called on the reader's thread for every record.
    package init(
        _ bootstrapServers: String, topic: String, partitions: Int, isolation: KafkaConsumer.Isolation,
        visit: @escaping @Sendable (RecordBatch, Int) -> Void
    ) throws {
        self.topic = topic
        self.partitions = partitions
        positions = Mutex(Array(repeating: 0, count: partitions))
        let kafka = KafkaConfiguration(
            bootstrapServers: bootstrapServers, clientID: "proof",
            properties: [.init("reconnect.backoff.max.ms", "500")])
        consumer = try KafkaConsumer(kafka, group: nil, isolation: isolation)
        asker = try KafkaConsumer(kafka, group: nil, isolation: isolation)
        try consumer.assign(
            (0..<partitions).map { PartitionOffset(TopicPartition(topic: topic, partition: Int32($0)), offset: 0) })
        let (consumer, stop) = (consumer, stop)
        Task(executorPreference: executor) { [weak self] in
            let batch = RecordBatch(capacity: 2_000)
            while !stop.isSet {
                guard (try? consumer.pollRecords(into: batch, timeout: .milliseconds(100))) != nil else { break }
                _ = try? consumer.pollEvents(timeout: .zero)
                guard let self else { break }
                self.take(batch, visit)
            }
            batch.reset()
        }
    }

    deinit {
        stop.set(.terminate)
        let (consumer, asker) = (consumer, asker)
        NamedThread.start("reader-end") {
            consumer.close(timeout: .seconds(10))
            asker.close(timeout: .seconds(10))
        }
    }

    private func take(_ batch: RecordBatch, _ visit: (RecordBatch, Int) -> Void) {
        for index in 0..<batch.count {
            switch batch.entry(index) {
            case .record:
                visit(batch, index)
                move(batch.partition(index), to: batch.offset(index) + 1)
            case .endOfPartition: move(batch.partition(index), to: batch.offset(index))
            case .error: break
            }
        }
    }

    private func move(_ partition: Int32, to offset: Int64) {
        positions.withLock { $0[Int(partition)] = max($0[Int(partition)], offset) }
    }

    /// Whether everything below these offsets has been visited.
    package func hasReached(_ ends: [Int64]) -> Bool {
        positions.withLock { zip($0, ends).allSatisfy { $0 >= $1 } }
    }

    /// By partition: the last stable offset, or the high watermark of a `read_uncommitted` reader. Nil while the brokers
    /// do not answer.
    package func ends() async -> [Int64]? {
        let (asker, topic, partitions) = (asker, topic, partitions)
        return await calls.run {
            try? (0..<partitions).map { partition in
                let target = TopicPartition(topic: topic, partition: Int32(partition))
                if asker.isolation == .readCommitted {
                    return try asker.stableBounds(of: target, timeout: .seconds(5)).lastStableOffset
                }
                return try asker.watermarks(of: target, timeout: .seconds(5)).highWatermark
            }
        }
    }
}
