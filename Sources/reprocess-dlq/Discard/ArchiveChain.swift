import Archive
import Crypto

/// A digest over all records of an archive in their order: each step is the SHA-256 of the one before and of all that
/// makes the record. Blocks of an Avro container carry no checksum, so a flipped bit would else pass for a record.
struct ArchiveChain: ~Copyable {
    private var hasher: SHA256Hasher
    /// Hexadecimal; empty before the first record.
    private(set) var digest: String

    /// - Parameter digest: where to go on.
    /// - Throws: `CryptoError`.
    init(after digest: String = "") throws {
        hasher = try SHA256Hasher()
        self.digest = digest
    }

    /// Takes in the next record.
    mutating func add(_ record: ArchivedRecord) {
        add(Array(digest.utf8))
        add(Array(record.topic.utf8))
        for number in [Int64(record.partition), record.offset, record.timestamp, Int64(record.headers.count)] {
            withUnsafeBytes(of: number.bigEndian) { hasher.update($0) }
        }
        add(record.key)
        add(record.value)
        for header in record.headers {
            add(header.name)
            add(header.value)
        }
        digest = "\(hasher.finish())"
    }

    private mutating func add(_ part: [UInt8]?) {
        withUnsafeBytes(of: Int64(part?.count ?? -1).bigEndian) { hasher.update($0) }
        part?.withUnsafeBytes { hasher.update($0) }
    }
}
