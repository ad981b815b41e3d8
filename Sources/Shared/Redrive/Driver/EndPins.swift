package import Kafka
import Synchronization

/// Where a run stops: the last stable offsets of the source when the run began, or, for partitions added later, when
/// they were first seen. Blocking.
package final class EndPins: Sendable {
    private let topic: String
    private let reader: KafkaConsumer
    private let patience: Duration
    private let pinned = Mutex<[Int32: Int64]>([:])

    /// - Parameter reader: a `read_committed` consumer, which the caller closes.
    package init(topic: String, reader: KafkaConsumer, patience: Duration) {
        self.topic = topic
        self.reader = reader
        self.patience = patience
    }

    /// Stops earlier where `limits` says so: at these offsets, and at the beginning of partitions that it does not name.
    package func lower(to limits: [Int32: Int64]) {
        pinned.withLock { pinned in
            for (partition, end) in pinned { pinned[partition] = min(end, limits[partition] ?? 0) }
        }
    }

    /// Pins the ends of all of the topic's partitions, and gives them.
    package func pinAll() throws(KafkaError) -> [Int32: Int64] {
        for partition in 0..<Int32(try partitionCount()) { _ = try end(of: partition) }
        return pinned.withLock { $0 }
    }

    /// The end of one partition.
    package func end(of partition: Int32) throws(KafkaError) -> Int64 {
        if let known = pinned.withLock({ $0[partition] }) { return known }
        let bounds = try NewPartition.waiting(for: topic, on: reader) { () throws(KafkaError) in
            try reader.stableBounds(of: TopicPartition(topic: topic, partition: partition), timeout: patience)
        }
        pinned.withLock { $0[partition] = bounds.lastStableOffset }
        return bounds.lastStableOffset
    }

    package func partitionCount() throws(KafkaError) -> Int {
        Int(try reader.partitionCount(of: topic, timeout: patience))
    }
}
