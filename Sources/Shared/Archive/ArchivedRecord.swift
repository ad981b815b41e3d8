import Avro
package import Kafka

/// A Kafka record as an archive keeps it, byte for byte.
package struct ArchivedRecord: Equatable, Sendable {
    /// One header; a name may stand several times.
    package struct Header: Equatable, Sendable {
        /// As it stood on the record; it need not be UTF-8.
        package var name: [UInt8]
        /// Nil for a null value, which is not the same as an empty one.
        package var value: [UInt8]?

        /// A header of these parts.
        package init(name: [UInt8], value: [UInt8]?) {
            self.name = name
            self.value = value
        }
    }

    /// Where it stood.
    package var topic: String
    /// Where it stood in its topic.
    package var partition: Int32
    /// Where it stood in its partition.
    package var offset: Int64
    /// Milliseconds since 1970; -1 where it had none.
    package var timestamp: Int64
    /// What the timestamp means.
    package var timestampType: RecordBatch.TimestampType
    /// Nil for none, which is not the same as an empty one.
    package var key: [UInt8]?
    /// Nil is a tombstone.
    package var value: [UInt8]?
    /// In the record's order; names may repeat.
    package var headers: [Header]

    /// A record of these parts.
    package init(
        topic: String, partition: Int32, offset: Int64, timestamp: Int64,
        timestampType: RecordBatch.TimestampType = .createTime, key: [UInt8]?, value: [UInt8]?, headers: [Header] = []
    ) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.timestamp = timestamp
        self.timestampType = timestampType
        self.key = key
        self.value = value
        self.headers = headers
    }

    /// The record at `index` of a batch, copied.
    ///
    /// - Throws: `KafkaError` of kind `.invalidRecord` where its headers cannot be read.
    package init(_ batch: RecordBatch, _ index: Int) throws(KafkaError) {
        let (time, type) = batch.timestamp(index)
        self.init(
            topic: batch.topic(index), partition: batch.partition(index), offset: batch.offset(index),
            timestamp: type == .none ? -1 : time, timestampType: type, key: batch.key(index).map { Array($0) },
            value: batch.value(index).map { Array($0) })
        var headers: [Header] = []
        try batch.forEachHeader(index) { name, value in
            headers.append(Header(name: Array(name), value: value.map { Array($0) }))
        }
        self.headers = headers
    }

    /// Nil where the value is not of the archive's schema.
    init?(_ value: AvroValue) {
        guard case .record(let fields) = value, fields.count == 9,
            case .string(let topic) = fields[0], case .int(let partition) = fields[1],
            case .long(let offset) = fields[2], case .long(let timestamp) = fields[3],
            case .enumeration(let type) = fields[4], case .array(let items) = fields[7]
        else { return nil }
        self.init(
            topic: topic, partition: partition, offset: offset, timestamp: timestamp,
            timestampType: type == "none" ? .none : type == "create_time" ? .createTime : .logAppendTime,
            key: Self.bytes(fields[5]), value: Self.bytes(fields[6]))
        for item in items {
            guard case .record(let parts) = item, parts.count == 2 else { return nil }
            switch parts[0].unwrapped {
            case .string(let name): headers.append(Header(name: Array(name.utf8), value: Self.bytes(parts[1])))
            case .bytes(let name): headers.append(Header(name: name, value: Self.bytes(parts[1])))
            default: return nil
            }
        }
    }

    private static func bytes(_ value: AvroValue) -> [UInt8]? {
        if case .bytes(let bytes) = value.unwrapped { bytes } else { nil }
    }

    /// To be published as it was; partition and topic are the caller's to choose.
    package func outgoing(partition: Int32?, timestamp: Int64?) -> OutgoingRecord {
        OutgoingRecord(
            partition: partition, key: key, value: value,
            headers: headers.map { (HeaderName(bytes: $0.name), $0.value) }, timestamp: timestamp)
    }
}
