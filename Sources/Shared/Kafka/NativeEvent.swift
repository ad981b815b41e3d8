import CRdKafka

/// An `rd_kafka_event_t`, destroyed with its last use.
struct NativeEvent: ~Copyable {
    let raw: OpaquePointer

    /// Waits for the next event of a queue; nil if none came in time.
    init?(from queue: QueueHandle, milliseconds: Int32) {
        guard let raw = rd_kafka_queue_poll(queue.raw, milliseconds) else { return nil }
        self.raw = raw
    }

    deinit {
        rd_kafka_event_destroy(raw)
    }

    var type: Int32 { rd_kafka_event_type(raw) }

    var code: rd_kafka_resp_err_t { rd_kafka_event_error(raw) }

    /// The event's error; nil where it is none. For a fatal one, what the client says was its cause.
    func error(_ operation: KafkaOperation, of client: ClientHandle) -> KafkaError? {
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        var error = KafkaError(
            operation, code: code, reason: rd_kafka_event_error_string(raw).map { String(cString: $0) })
        if code == RD_KAFKA_RESP_ERR__FATAL { error = KafkaError(operation, fatalOf: client) }
        if rd_kafka_event_error_is_fatal(raw) != 0 { error.isFatal = true }
        if let place = rd_kafka_event_topic_partition(raw) {
            defer { rd_kafka_topic_partition_destroy(place) }
            error.topic = String(cString: place.pointee.topic)
            error.partition = place.pointee.partition
        }
        return error
    }

    /// The partitions of a rebalance or commit event.
    var partitions: [TopicPartition] {
        rd_kafka_event_topic_partition_list(raw).map { PartitionList.partitions(of: $0) } ?? []
    }
}
