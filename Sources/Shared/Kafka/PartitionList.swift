import CRdKafka
import Glibc

/// An `rd_kafka_topic_partition_list_t`; must be gone before its client, so it never outlives a call.
struct PartitionList: ~Copyable {
    let raw: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

    /// Takes over a list of librdkafka's; nil where there is none.
    init?(owning raw: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?) {
        guard let raw else { return nil }
        self.raw = raw
    }

    /// A copy of a list that belongs to a result.
    init?(copying list: UnsafePointer<rd_kafka_topic_partition_list_t>?) {
        self.init(owning: list.flatMap { rd_kafka_topic_partition_list_copy(UnsafeMutablePointer(mutating: $0)) })
    }

    init(_ partitions: some Collection<TopicPartition>, offset: Int64 = Int64(RD_KAFKA_OFFSET_INVALID)) {
        raw = rd_kafka_topic_partition_list_new(Int32(clamping: partitions.count))
        for partition in partitions { add(partition, offset: offset, metadata: nil) }
    }

    init(_ offsets: some Collection<PartitionOffset>) {
        raw = rd_kafka_topic_partition_list_new(Int32(clamping: offsets.count))
        for entry in offsets { add(entry.partition, offset: entry.offset, metadata: entry.metadata) }
    }

    deinit {
        rd_kafka_topic_partition_list_destroy(raw)
    }

    var partitions: [TopicPartition] { Self.partitions(of: raw) }

    /// The first partition that an error was noted for.
    func firstError(_ operation: KafkaOperation) -> KafkaError? {
        for element in elements where element.err != RD_KAFKA_RESP_ERR_NO_ERROR {
            return KafkaError(
                operation, code: element.err, topic: String(cString: element.topic), partition: element.partition)
        }
        return nil
    }

    /// Offsets with their metadata, in the list's order.
    var offsets: [PartitionOffset] {
        elements.map { element in
            var metadata: String?
            if let bytes = element.metadata, element.metadata_size > 0 {
                metadata = String(
                    decoding: UnsafeRawBufferPointer(start: bytes, count: element.metadata_size), as: UTF8.self)
            }
            return PartitionOffset(
                TopicPartition(topic: String(cString: element.topic), partition: element.partition),
                offset: element.offset, metadata: metadata)
        }
    }

    /// The partitions of a list that librdkafka keeps.
    static func partitions(of list: UnsafePointer<rd_kafka_topic_partition_list_t>) -> [TopicPartition] {
        UnsafeBufferPointer(start: list.pointee.elems, count: Int(list.pointee.cnt)).map {
            TopicPartition(topic: String(cString: $0.topic), partition: $0.partition)
        }
    }

    private var elements: UnsafeBufferPointer<rd_kafka_topic_partition_t> {
        UnsafeBufferPointer(start: raw.pointee.elems, count: Int(raw.pointee.cnt))
    }

    private func add(_ partition: TopicPartition, offset: Int64, metadata: String?) {
        guard let element = rd_kafka_topic_partition_list_add(raw, partition.topic, partition.partition) else { return }
        element.pointee.offset = offset
        if let metadata, let copy = strdup(metadata) {
            // librdkafka frees it with the C library's free.
            element.pointee.metadata = UnsafeMutableRawPointer(copy)
            element.pointee.metadata_size = metadata.utf8.count
        }
    }
}
