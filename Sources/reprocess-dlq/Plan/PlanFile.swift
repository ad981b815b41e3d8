import Crypto
import ToolKit

/// A plan on disk, checked whole. Of its entries only an index is kept in memory: they are read again when they are
/// needed, and each piece is compared with what was checked.
final class PlanFile: Sendable {
    /// Some consecutive entries of one partition.
    struct Block: Sendable {
        let place: Int64
        var length: Int
        let first: Int64
        var last: Int64
        var digest: SHA256Digest?
    }

    let path: String
    let header: PlanHeader
    /// SHA-256 of all lines, hexadecimal.
    let digest: String
    /// How many entries there are, by decision.
    let counts: [PlanEntry.Decision: Int64]
    let blocks: [Int32: [Block]]
    private let reader: SealedReader
    /// Entries in a block.
    private static let blockSize = 256

    /// Reads the file from end to end.
    ///
    /// - Throws: `SealedFileError` for one that is cut off, was edited or is no plan, `CryptoError`.
    init(path: String) throws {
        self.path = path
        reader = try SealedReader(path: path)
        var header: PlanHeader?
        var index = PlanIndexer(path: path, blockSize: Self.blockSize)
        digest = try reader.check { line, number, place in
            if number == 1 {
                header = PlanHeader(line)
                return
            }
            // Of another file only the seal matters.
            guard let header else { return }
            try index.add(line, number, place, topic: header.topic)
        }
        guard let header else {
            throw SealedFileError.malformed(path: path, line: 1, "this is no plan of this program")
        }
        try index.finish()
        self.header = header
        counts = index.counts
        blocks = index.blocks
    }

    var entryCount: Int64 { counts.values.reduce(0, +) }

    /// Where the planned records of each partition end.
    var ends: [Int32: Int64] { blocks.compactMapValues { $0.last.map { $0.last + 1 } } }

    /// The entries of one block.
    ///
    /// - Throws: `SealedFileError.altered` where the file is no longer the one that was checked.
    func entries(of block: Block) throws -> [PlanEntry] {
        let bytes = try reader.bytes(at: block.place, length: block.length)
        guard try bytes.withUnsafeBytes({ try SHA256Digest.of($0) }) == block.digest else {
            throw SealedFileError.altered(path: path)
        }
        return bytes.withUnsafeBytes { bytes in
            bytes.split(separator: 0x0A).compactMap { PlanEntry(UnsafeRawBufferPointer(rebasing: $0)) }
        }
    }

    /// Visits every entry, partition after partition, in offset order.
    func forEach(_ visit: (PlanEntry) throws -> Void) throws {
        for (_, blocks) in blocks.sorted(by: { $0.key < $1.key }) {
            for block in blocks { try entries(of: block).forEach(visit) }
        }
    }
}

/// Makes the index of a plan while its lines go by.
struct PlanIndexer {
    private let path: String
    private let blockSize: Int
    private(set) var counts: [PlanEntry.Decision: Int64] = [:]
    private(set) var blocks: [Int32: [PlanFile.Block]] = [:]
    private var current: (partition: Int32, entries: Int, bytes: [UInt8], block: PlanFile.Block)?

    init(path: String, blockSize: Int) {
        self.path = path
        self.blockSize = blockSize
    }

    mutating func add(_ line: UnsafeRawBufferPointer, _ number: Int, _ place: Int64, topic: String) throws {
        guard let entry = PlanEntry(line), entry.topic == topic else {
            throw SealedFileError.malformed(path: path, line: number, "is no entry of a plan of \(topic)")
        }
        let last = current?.partition == entry.partition ? current?.block.last : blocks[entry.partition]?.last?.last
        guard last ?? -1 < entry.offset else {
            throw SealedFileError.malformed(path: path, line: number, "stands out of order")
        }
        counts[entry.decision, default: 0] += 1
        if let current, current.partition != entry.partition || current.entries == blockSize { try finish() }
        if current == nil {
            let block = PlanFile.Block(place: place, length: 0, first: entry.offset, last: entry.offset)
            current = (entry.partition, 0, [], block)
        }
        current?.entries += 1
        current?.bytes.append(contentsOf: line)
        current?.bytes.append(0x0A)
        current?.block.last = entry.offset
    }

    /// Closes the block in hand.
    mutating func finish() throws {
        guard let (partition, _, bytes, open) = current else { return }
        var block = open
        block.length = bytes.count
        block.digest = try bytes.withUnsafeBytes { try SHA256Digest.of($0) }
        blocks[partition, default: []].append(block)
        current = nil
    }
}
