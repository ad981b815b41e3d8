package import Avro
package import Kafka

/// Reads an archive block by block. Damage ends the reading: everything before it is good.
///
/// Calls block: not for the cooperative pool.
package struct ArchiveReader: ~Copyable {
    /// One block's records.
    package struct Block: Sendable {
        /// Where it begins in the file, bytes.
        package let offset: Int64
        /// The block's records, in the order of the file.
        package let records: [ArchivedRecord]
        /// The next offset to read of every partition, as the block says; nil for one that became full by itself.
        package let positions: [TopicPartition: Int64]?
    }

    private var container: AvroContainerReader
    private let path: String

    /// Opens an archive.
    ///
    /// - Throws: `AvroContainerError`, of kind `schema` for a container of anything else.
    package init(path: String) throws(AvroContainerError) {
        container = try Self.open(path)
        self.path = path
    }

    private static func open(_ path: String) throws(AvroContainerError) -> AvroContainerReader {
        let container = try AvroContainerReader(path: path)
        let own = try? AvroSchema.parse(ArchiveSchema.text)
        guard own?.canonicalForm == container.schema.canonicalForm else {
            throw AvroContainerError(
                kind: .schema, path: path, offset: 0,
                reason: "the file is no archive of Kafka records, or one of a newer version")
        }
        return container
    }

    /// The archive's metadata, those of Avro itself included.
    package var metadata: [String: [UInt8]] { container.metadata }

    /// Where the next block begins, in bytes.
    package var nextBlockOffset: Int64 { container.nextBlockOffset }

    /// The next block; nil at the end.
    ///
    /// - Throws: `AvroContainerError` of kind `damaged`, `incomplete` or `tooLarge` with the place; what was given before is
    ///   good. Where a block's own records are damaged, none of it is given.
    package mutating func nextBlock() throws -> Block? {
        guard let block = try container.nextBlock() else { return nil }
        var records: [ArchivedRecord] = []
        var positions: [TopicPartition: Int64]?
        records.reserveCapacity(Int(clamping: min(block.recordCount, 100_000)))
        try block.forEach { index, value in
            guard let record = ArchivedRecord(value) else {
                throw AvroContainerError(
                    kind: .damaged, path: path, offset: block.offset,
                    reason: "record \(index) of the block is no record")
            }
            records.append(record)
            positions = Self.positions(value)
        }
        return Block(offset: block.offset, records: records, positions: positions)
    }

    /// Whether a good block follows the damage; the rest of the file is then not lost, but it was not read.
    package mutating func hasMoreBehindDamage() -> Bool { (try? container.skipDamage()) ?? false }

    /// The next offset to read of every partition, for a file that was cut back to `tail`.
    mutating func positions(_ tail: AvroContainerTail) throws -> [TopicPartition: Int64] {
        guard let last = tail.lastBlockOffset else { return [:] }
        let first = container.nextBlockOffset
        container.seek(toBlock: last)
        if let positions = try nextBlock()?.positions { return positions }
        // A block that became full by itself says nothing: then the records of all of them do.
        container.seek(toBlock: first)
        var known: [TopicPartition: Int64] = [:]
        while let block = try nextBlock() {
            for record in block.records {
                let partition = TopicPartition(topic: record.topic, partition: record.partition)
                known[partition] = max(known[partition] ?? 0, record.offset + 1)
            }
            if let positions = block.positions { known.merge(positions) { max($0, $1) } }
        }
        return known
    }

    private static func positions(_ value: AvroValue) -> [TopicPartition: Int64]? {
        guard case .record(let fields) = value, case .array(let items) = fields[8].unwrapped else { return nil }
        var positions: [TopicPartition: Int64] = [:]
        for case .record(let parts) in items {
            guard case .string(let topic) = parts[0], case .int(let partition) = parts[1],
                case .long(let offset) = parts[2]
            else { continue }
            positions[TopicPartition(topic: topic, partition: partition)] = offset
        }
        return positions
    }
}
