package import Avro
package import Kafka

/// Writes records into an archive, or goes on with one. The file is its own progress: after a crash it is cut back to
/// its last complete block, and that block says where every partition is to be read on.
///
/// Nothing is safe before `synchronize` has returned. Calls block: not for the cooperative pool. `close` it.
package struct ArchiveWriter: ~Copyable {
    /// Bytes of records after which a block is due.
    package static let blockBytes = 256 * 1024

    private var container: AvroContainerWriter
    /// The newest record, held back because it may have to carry the positions.
    private var pending = AvroOutput(capacity: 4_096)
    private var hasPending = false
    private var unsynchronized = 0
    /// By topic and partition, the next offset to read.
    package private(set) var positions: [TopicPartition: Int64]

    /// Makes a new archive, readable by its owner alone. Fails if there is a file already.
    ///
    /// - Parameter metadata: what the archive is of, under names of the program's own.
    package static func create(path: String, metadata: [String: [UInt8]] = [:]) throws(AvroContainerError)
        -> ArchiveWriter
    {
        ArchiveWriter(
            try AvroContainerWriter.create(
                path: path, schemaText: ArchiveSchema.text, blockBytes: 4 * blockBytes, metadata: metadata),
            positions: [:])
    }

    /// Goes on with an archive: what a crash left of an incomplete block is cut off.
    ///
    /// - Throws: `AvroContainerError`: of kind `damaged` where blocks before the end are wrong, `schema` where it is
    ///   another program's file.
    package static func resume(path: String) throws -> ArchiveWriter {
        let tail = try AvroContainerTail.cutBack(path: path)
        var reader = try ArchiveReader(path: path)
        let positions = try reader.positions(tail)
        return ArchiveWriter(
            try AvroContainerWriter.resume(path: path, blockBytes: 4 * blockBytes), positions: positions)
    }

    private init(_ container: consuming AvroContainerWriter, positions: [TopicPartition: Int64]) {
        self.container = container
        self.positions = positions
    }

    /// Records in the file, those of earlier runs and those that are not safe yet included.
    package var recordCount: Int64 { container.recordCount + (hasPending ? 1 : 0) }

    /// The archive's metadata.
    package var metadata: [String: [UInt8]] { container.metadata }

    /// Whether so much was written that a block should end.
    package var isBlockDue: Bool { unsynchronized >= Self.blockBytes }

    /// Whether anything is not safe yet.
    package var hasUnsynchronized: Bool { hasPending || unsynchronized > 0 }

    /// A partition has been read up to `offset`, whether or not its records were appended.
    package mutating func advance(_ partition: TopicPartition, to offset: Int64) {
        positions[partition] = max(offset, positions[partition] ?? 0)
    }

    /// Appends the record at `index` of a batch and advances its partition past it. Allocates nothing for the record.
    package mutating func append(_ batch: RecordBatch, _ index: Int) throws {
        try flushPending()
        let (time, type) = batch.timestamp(index)
        begin(
            topic: batch.topic(index), partition: batch.partition(index), offset: batch.offset(index),
            timestamp: type == .none ? -1 : time, type: type)
        append(batch.key(index))
        append(batch.value(index))
        // An array's block begins with its count, which is known only at the end: one block for each header.
        try batch.forEachHeader(index) { header($0, $1) }
        end()
        advance(batch.topicPartition(index), to: batch.offset(index) + 1)
    }

    /// As the other, for a record in memory.
    package mutating func append(_ record: ArchivedRecord) throws {
        try flushPending()
        begin(
            topic: record.topic, partition: record.partition, offset: record.offset, timestamp: record.timestamp,
            type: record.timestampType)
        append(record.key)
        append(record.value)
        for entry in record.headers {
            entry.name.withUnsafeBytes { name in
                if let value = entry.value {
                    value.withUnsafeBytes { header(name, $0) }
                } else {
                    header(name, nil)
                }
            }
        }
        end()
        advance(TopicPartition(topic: record.topic, partition: record.partition), to: record.offset + 1)
    }

    /// Ends the block, with the positions in its last record, and waits until all of it is on the disk.
    package mutating func synchronize() throws {
        if hasPending {
            pending.removeLast(1)
            pending.append(long: 1)
            let sorted = positions.sorted { ($0.key.topic, $0.key.partition) < ($1.key.topic, $1.key.partition) }
            pending.append(long: Int64(sorted.count))
            for (partition, offset) in sorted {
                pending.append(partition.topic)
                pending.append(long: Int64(partition.partition))
                pending.append(long: offset)
            }
            if !sorted.isEmpty { pending.append(0) }
            try flushPending()
        }
        try container.synchronize()
        unsynchronized = 0
    }

    /// Synchronizes and closes the file.
    package consuming func close() throws {
        try synchronize()
        try container.close()
    }

    // MARK: Encoding

    private mutating func flushPending() throws(AvroContainerError) {
        guard hasPending else { return }
        unsynchronized += pending.count
        try pending.withBytes { bytes throws(AvroContainerError) in try container.append(datum: bytes) }
        pending.removeLast(pending.count)
        hasPending = false
    }

    private mutating func begin(
        topic: String, partition: Int32, offset: Int64, timestamp: Int64, type: RecordBatch.TimestampType
    ) {
        pending.append(topic)
        pending.append(long: Int64(partition))
        pending.append(long: offset)
        pending.append(long: timestamp)
        pending.append(long: type == .none ? 0 : type == .createTime ? 1 : 2)
    }

    private mutating func end() {
        pending.append(0)
        // No positions, until `synchronize` puts them here.
        pending.append(0)
        hasPending = true
    }

    private mutating func header(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?) {
        pending.append(long: 1)
        pending.append(long: String(validating: name, as: UTF8.self) == nil ? 1 : 0)
        pending.append(long: Int64(name.count))
        pending.append(name)
        append(value)
    }

    private mutating func append(_ bytes: UnsafeRawBufferPointer?) {
        guard let bytes else { return pending.append(0) }
        pending.append(long: 1)
        pending.append(long: Int64(bytes.count))
        pending.append(bytes)
    }

    private mutating func append(_ bytes: [UInt8]?) {
        if let bytes { bytes.withUnsafeBytes { append($0) } } else { pending.append(0) }
    }
}
