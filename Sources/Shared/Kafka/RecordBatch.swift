import CRdKafka
import Synchronization

/// Records taken from a consumer in one call, reusable: keys, values and headers are read where librdkafka put them and
/// stay valid until the batch is filled again or `reset`.
///
/// Not Sendable: it belongs to one thread at a time. While it holds records it keeps the consumer's client alive.
package final class RecordBatch {
    /// What an entry is.
    package enum Entry: Equatable, Sendable {
        case record
        /// Everything up to the entry's `offset` has been delivered; gaps at the end included.
        case endOfPartition
        /// Reading the partition fails; librdkafka goes on trying unless the error says otherwise.
        case error
    }

    /// What a record's timestamp means.
    package enum TimestampType: Sendable {
        case none
        case createTime
        case logAppendTime
    }

    /// The most entries that one poll gives.
    package let capacity: Int
    /// The entries that it holds now; indices run from 0.
    package private(set) var count = 0
    private let messages: UnsafeMutablePointer<UnsafeMutablePointer<rd_kafka_message_t>?>
    /// Keeps the client alive while there are messages of it.
    private var owner: ClientHandle?
    private var topics: [(handle: OpaquePointer?, name: String)] = []

    /// - Parameter capacity: the most records that one poll gives, at least 1.
    package init(capacity: Int) {
        self.capacity = max(1, capacity)
        messages = .allocate(capacity: self.capacity)
        messages.initialize(repeating: nil, count: self.capacity)
    }

    deinit {
        reset()
        messages.deallocate()
    }

    /// Gives all records back.
    package func reset() {
        for index in 0..<count {
            rd_kafka_message_destroy(messages[index])
            messages[index] = nil
        }
        count = 0
        topics.removeAll(keepingCapacity: true)
        owner?.batches.subtract(1, ordering: .releasing)
        owner = nil
    }

    /// What the entry at `index` is.
    package func entry(_ index: Int) -> Entry {
        switch self[index].err {
        case RD_KAFKA_RESP_ERR_NO_ERROR: .record
        case RD_KAFKA_RESP_ERR__PARTITION_EOF: .endOfPartition
        default: .error
        }
    }

    /// The partition that the entry is of.
    package func partition(_ index: Int) -> Int32 { self[index].partition }

    /// A record's offset; of an end-of-partition mark, the offset that the next record will have.
    package func offset(_ index: Int) -> Int64 { self[index].offset }

    /// The topic's place in this batch's table of topics, for `topicName`: cheap to compare, from 0.
    package func topicIndex(_ index: Int) -> Int {
        let handle = self[index].rkt
        for place in topics.indices where topics[place].handle == handle { return place }
        topics.append((handle, String(cString: rd_kafka_topic_name(handle))))
        return topics.count - 1
    }

    /// The name behind a place that `topicIndex` gave for this batch.
    package func topicName(_ topicIndex: Int) -> String { topics[topicIndex].name }

    /// The topic that the entry is of.
    package func topic(_ index: Int) -> String { topics[topicIndex(index)].name }

    /// Topic and partition together.
    package func topicPartition(_ index: Int) -> TopicPartition {
        TopicPartition(topic: topic(index), partition: partition(index))
    }

    /// Milliseconds since 1970, and what they mean.
    package func timestamp(_ index: Int) -> (milliseconds: Int64, type: TimestampType) {
        var type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        let milliseconds = rd_kafka_message_timestamp(messages[index], &type)
        return switch type {
        case RD_KAFKA_TIMESTAMP_CREATE_TIME: (milliseconds, .createTime)
        case RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME: (milliseconds, .logAppendTime)
        default: (milliseconds, .none)
        }
    }

    /// Nil where the record has none, which is not the same as an empty one.
    package func key(_ index: Int) -> UnsafeRawBufferPointer? {
        self[index].key.map { UnsafeRawBufferPointer(start: $0, count: self[index].key_len) }
    }

    /// Nil for a tombstone.
    package func value(_ index: Int) -> UnsafeRawBufferPointer? {
        self[index].payload.map { UnsafeRawBufferPointer(start: $0, count: self[index].len) }
    }

    /// Calls `body` for every header in order, repeated names included; the name without its NUL.
    ///
    /// - Throws: `.invalidRecord` where the record's headers cannot be read.
    package func forEachHeader(
        _ index: Int, _ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?) -> Void
    ) throws(KafkaError) {
        var headers: OpaquePointer?
        let code = rd_kafka_message_headers(messages[index], &headers)
        if let headers = try readable(headers, code, index) { HeaderEditor(headers).forEach(body) }
    }

    /// What is wrong, for an entry of type `.error`.
    package func error(_ index: Int) -> KafkaError? {
        guard entry(index) == .error else { return nil }
        let message = self[index]
        let reason = message.payload.map {
            String(decoding: UnsafeRawBufferPointer(start: $0, count: message.len), as: UTF8.self)
        }
        return KafkaError(
            .consume, code: message.err, reason: reason, topic: topic(index), partition: message.partition,
            offset: message.offset >= 0 ? message.offset : nil)
    }

    /// Takes what the queue holds, without waiting.
    func fill(from queue: QueueHandle, of client: ClientHandle) -> Int {
        let taken = rd_kafka_consume_batch_queue(queue.raw, 0, messages, capacity)
        count = max(0, taken)
        if count > 0 {
            client.batches.add(1, ordering: .relaxed)
            owner = client
        }
        return count
    }

    /// Takes a record's headers away from it; nil where it has none.
    func detachHeaders(_ index: Int) throws(KafkaError) -> OpaquePointer? {
        var headers: OpaquePointer?
        let code = rd_kafka_message_detach_headers(messages[index], &headers)
        return try readable(headers, code, index)
    }

    /// Tells a record without headers from one whose headers are damaged: those must not be lost silently.
    private func readable(
        _ headers: OpaquePointer?, _ code: rd_kafka_resp_err_t, _ index: Int
    ) throws(KafkaError) -> OpaquePointer? {
        if code == RD_KAFKA_RESP_ERR_NO_ERROR { return headers }
        if code == RD_KAFKA_RESP_ERR__NOENT { return nil }
        var error = KafkaError(.consume, code: code, reason: "the record's headers cannot be read")
        error.kind = .invalidRecord
        (error.topic, error.partition, error.offset) = (topic(index), partition(index), offset(index))
        throw error
    }

    subscript(index: Int) -> rd_kafka_message_t {
        _read {
            // Not `count`, which a look at every field of every record would have to be guarded for: behind it is nothing.
            precondition(index >= 0 && index < capacity, "no such record in the batch")
            guard let message = messages[index] else { preconditionFailure("the batch holds no record there") }
            yield message.pointee
        }
    }
}
