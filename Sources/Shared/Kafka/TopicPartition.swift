/// One partition of one topic.
package struct TopicPartition: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The topic's name.
    package var topic: String
    /// From 0.
    package var partition: Int32

    /// A partition, whether it exists or not.
    package init(topic: String, partition: Int32) {
        self.topic = topic
        self.partition = partition
    }

    /// `topic[3]`, as Kafka's own tools write it.
    package var description: String { "\(topic)[\(partition)]" }

    /// By topic name, then by partition number.
    package static func < (left: TopicPartition, right: TopicPartition) -> Bool {
        left.topic == right.topic ? left.partition < right.partition : left.topic < right.topic
    }
}

/// A position in a partition: the offset of the next record to read or to process.
package struct PartitionOffset: Hashable, Sendable {
    /// Where the position is.
    package var partition: TopicPartition
    /// 0 and up, or one of librdkafka's negative marks.
    package var offset: Int64
    /// Text that is committed with the offset, at most `maximumMetadataLength` bytes; nil where there is none.
    package var metadata: String?

    /// What brokers accept by default (`offset.metadata.max.bytes`).
    package static let maximumMetadataLength = 4096

    /// A position of these parts.
    package init(_ partition: TopicPartition, offset: Int64, metadata: String? = nil) {
        self.partition = partition
        self.offset = offset
        self.metadata = metadata
    }
}

/// The first offset that is still there and the first that is not written yet.
package struct Watermarks: Hashable, Sendable {
    /// The first offset that is still there.
    package var logStart: Int64
    /// Where the next record will be written, records of open transactions included.
    package var highWatermark: Int64

    /// Bounds as a broker told them.
    package init(logStart: Int64, highWatermark: Int64) {
        self.logStart = logStart
        self.highWatermark = highWatermark
    }
}

/// As much of a partition as a `read_committed` reader sees.
package struct StableBounds: Hashable, Sendable {
    /// The first offset that is still there.
    package var logStart: Int64
    /// The lowest offset of an open transaction, else the high watermark (KIP-98).
    package var lastStableOffset: Int64

    /// Bounds as a broker told them.
    package init(logStart: Int64, lastStableOffset: Int64) {
        self.logStart = logStart
        self.lastStableOffset = lastStableOffset
    }
}
