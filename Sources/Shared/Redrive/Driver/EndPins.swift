package import Kafka
import Synchronization

/// Where a run stops: the last stable offsets of the source when the run began, or, for partitions added later, when
/// they were first seen. Blocking.
package final class EndPins: Sendable {
    private let sources: SourceTopics
    private let reader: KafkaConsumer
    private let patience: Duration
    private let pinned: Mutex<[Int32: Int64]>
    /// Whether partitions that are not pinned are no part of the run.
    private let isClosed: Bool

    /// - Parameter reader: a `read_committed` consumer, which the caller closes.
    package convenience init(topic: String, reader: KafkaConsumer, patience: Duration) {
        self.init(SourceTopics([topic]), reader: reader, patience: patience)
    }

    /// - Parameters:
    ///   - reader: a `read_committed` consumer, which the caller closes.
    ///   - pinned: by slot, the ends of a run that has pinned them before; partitions that came later are no part of it.
    package init(
        _ sources: SourceTopics, reader: KafkaConsumer, patience: Duration, pinned: [Int32: Int64]? = nil
    ) {
        self.sources = sources
        self.reader = reader
        self.patience = patience
        self.pinned = Mutex(pinned ?? [:])
        isClosed = pinned != nil
    }

    /// Stops earlier where `limits` says so: at these offsets, and at the beginning of partitions that it does not name.
    package func lower(to limits: [Int32: Int64]) {
        pinned.withLock { pinned in
            for (partition, end) in pinned { pinned[partition] = min(end, limits[partition] ?? 0) }
        }
    }

    /// Pins the ends of all partitions, and gives them by slot.
    package func pinAll() throws(KafkaError) -> [Int32: Int64] {
        for topic in sources.names {
            guard let base = sources.base(of: topic) else { continue }
            for partition in 0..<(try reader.partitionCount(of: topic, timeout: patience)) {
                _ = try end(of: base + partition)
            }
        }
        return pinned.withLock { $0 }
    }

    /// The end of one partition, by its slot.
    package func end(of slot: Int32) throws(KafkaError) -> Int64 {
        if let known = pinned.withLock({ $0[slot] }) { return known }
        if isClosed { return 0 }
        let place = sources.place(of: slot)
        let bounds = try NewPartition.waiting(for: place.topic, on: reader) { () throws(KafkaError) in
            try reader.stableBounds(of: place, timeout: patience)
        }
        pinned.withLock { $0[slot] = bounds.lastStableOffset }
        return bounds.lastStableOffset
    }

    /// How many partitions the sources have together.
    package func partitionCount() throws(KafkaError) -> Int {
        var count = 0
        for topic in sources.names { count += Int(try reader.partitionCount(of: topic, timeout: patience)) }
        return count
    }
}
