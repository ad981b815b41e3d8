import CommandLine
import JSON

/// How far a file is committed: what `ReceiptStore` keeps of it.
struct FileReceipt: Equatable, Sendable {
    /// Bytes of the file that count.
    var bytes: Int64
    /// Records in them.
    var records: Int64
    /// `ArchiveChain` over them; empty where nobody needs it.
    var digest: String

    init(bytes: Int64, records: Int64, digest: String = "") {
        self.digest = digest
        self.bytes = bytes
        self.records = records
    }

    /// Nil for a value that this program did not write.
    init?(_ value: [UInt8]) {
        guard let json = try? JSONReader.read(String(decoding: value, as: UTF8.self), maximumDepth: 2),
            let bytes = json["bytes"]?.integer, let records = json["records"]?.integer, bytes >= 0, records >= 0
        else { return nil }
        self.init(bytes: bytes, records: records, digest: json["sha256"]?.text ?? "")
    }

    var value: [UInt8] {
        Array(
            JSONValue.object([
                .init("bytes", .integer(bytes)), .init("records", .integer(records)), .init("sha256", .string(digest)),
            ]).line.utf8)
    }
}
