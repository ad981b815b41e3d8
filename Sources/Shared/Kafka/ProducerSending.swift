import CRdKafka

/// A record made by the program itself.
package struct OutgoingRecord: Sendable {
    /// Nil lets the partitioner choose by key, as Java clients do.
    package var partition: Int32?
    /// Nil for none, which is not the same as an empty one.
    package var key: [UInt8]?
    /// Nil is a tombstone.
    package var value: [UInt8]?
    /// In this order; names may repeat.
    package var headers: [(name: HeaderName, value: [UInt8]?)]
    /// Milliseconds since 1970; nil is now.
    package var timestamp: Int64?

    /// A record of these parts.
    package init(
        partition: Int32? = nil, key: [UInt8]?, value: [UInt8]?, headers: [(name: HeaderName, value: [UInt8]?)] = [],
        timestamp: Int64? = nil
    ) {
        self.partition = partition
        self.key = key
        self.value = value
        self.headers = headers
        self.timestamp = timestamp
    }
}

extension ProducerTopic {
    /// Sends a consumed record on: key and value are copied as they are, the headers are taken out of the batch's record
    /// (which has none afterwards), edited in place and handed over. The hot path: nothing is allocated here.
    ///
    /// - Parameters:
    ///   - partition: nil lets the partitioner choose by key.
    ///   - timestamp: milliseconds since 1970; nil is now, and so is 0, which librdkafka cannot tell from it.
    ///   - tag: comes back with a failed delivery.
    ///   - value: takes the place of the record's own; copied.
    ///   - timeout: how long to wait for room in the queue.
    /// - Throws: `.queueFull` after the time-out, `.messageTooLarge`, `.invalidRecord` where the record's headers cannot
    ///   be read, `.unknownTopic` where the partition does not exist. The record is then not sent.
    package func forward(
        _ batch: RecordBatch, _ index: Int, partition: Int32?, timestamp: Int64?, tag: UInt64,
        value: [UInt8]? = nil, timeout: Duration = .seconds(60), editHeaders: (borrowing HeaderEditor) -> Void
    ) throws(KafkaError) {
        let headers = try batch.detachHeaders(index) ?? rd_kafka_headers_new(8)
        guard let headers else {
            throw KafkaError(.produce, kind: .other, reason: "out of memory")
        }
        editHeaders(HeaderEditor(headers))
        let message = batch[index]
        let key = (UnsafeRawPointer(message.key), message.key_len)
        guard let value else {
            return try enqueue(
                partition: partition, key: key, value: (UnsafeRawPointer(message.payload), message.len),
                timestamp: timestamp, headers: headers, tag: tag, timeout: timeout)
        }
        let result = Self.withBytes(value) { bytes in
            Result { () throws(KafkaError) in
                try enqueue(
                    partition: partition, key: key, value: bytes, timestamp: timestamp, headers: headers, tag: tag,
                    timeout: timeout)
            }
        }
        try result.get()
    }

    /// Sends a record of the program's own; everything is copied.
    ///
    /// - Throws: as `forward`.
    package func send(
        _ record: OutgoingRecord, tag: UInt64 = 0, timeout: Duration = .seconds(60)
    ) throws(KafkaError) {
        guard let headers = rd_kafka_headers_new(record.headers.count) else {
            throw KafkaError(.produce, kind: .other, reason: "out of memory")
        }
        let editor = HeaderEditor(headers)
        for (header, value) in record.headers {
            if let value {
                value.withUnsafeBytes { editor.append(header, $0) }
            } else {
                editor.append(header, nil)
            }
        }
        let result = Self.withBytes(record.key) { key in
            Self.withBytes(record.value) { value in
                Result { () throws(KafkaError) in
                    try enqueue(
                        partition: record.partition, key: key, value: value, timestamp: record.timestamp,
                        headers: headers, tag: tag, timeout: timeout)
                }
            }
        }
        try result.get()
    }

    /// Takes the headers over in every case.
    private func enqueue(
        partition: Int32?, key: (UnsafeRawPointer?, Int), value: (UnsafeRawPointer?, Int),
        timestamp: Int64?, headers: OpaquePointer, tag: UInt64, timeout: Duration
    ) throws(KafkaError) {
        var deadline: Deadline?
        var (waits, flushAt) = (0, 10)
        while true {
            let code = toolkit_rd_kafka_produce(
                client.raw, raw, partition ?? Int32(RD_KAFKA_PARTITION_UA), key.0, key.1, value.0, value.1,
                timestamp ?? 0, headers, UnsafeMutableRawPointer(bitPattern: UInt(tag)))
            if code == RD_KAFKA_RESP_ERR_NO_ERROR { return }
            if code == RD_KAFKA_RESP_ERR__QUEUE_FULL, rd_kafka_outq_len(client.raw) == 0 {
                // Not even an empty queue has room for it.
                rd_kafka_headers_destroy(headers)
                throw rejected(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, partition)
            }
            if code == RD_KAFKA_RESP_ERR__QUEUE_FULL {
                let limit = deadline ?? Deadline(after: timeout)
                deadline = limit
                if !limit.isPast {
                    waits += 1
                    client.serveCallbacks(milliseconds: limit.milliseconds(atMost: 1))
                    // A queue that stays full may hold nothing but batches that wait for more records.
                    if waits == flushAt {
                        flushAt *= 2
                        rd_kafka_flush(client.raw, 1)
                    }
                    continue
                }
            }
            rd_kafka_headers_destroy(headers)
            throw rejected(code, partition)
        }
    }

    private func rejected(
        _ code: rd_kafka_resp_err_t, _ partition: Int32?
    ) -> KafkaError {
        guard code == RD_KAFKA_RESP_ERR__FATAL else {
            var error = KafkaError(.produce, code: code, topic: name, partition: partition)
            // A transaction that has failed, for instance because it timed out, takes no more records.
            error.requiresAbort = code == RD_KAFKA_RESP_ERR__STATE
            return error
        }
        var error = KafkaError(.produce, fatalOf: client)
        (error.topic, error.partition) = (name, partition)
        return error
    }

    private static func withBytes<Result>(
        _ bytes: [UInt8]?, _ body: ((UnsafeRawPointer?, Int)) -> Result
    ) -> Result {
        guard let bytes else { return body((nil, 0)) }
        return bytes.withUnsafeBytes { buffer in
            // An empty array may have no address, and that would be a null.
            buffer.baseAddress.map { body(($0, buffer.count)) } ?? withUnsafeBytes(of: 0) { body(($0.baseAddress, 0)) }
        }
    }
}
