import Archive
import Avro
import CommandLine
import JSON
import ToolKit

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

extension FileReceipt {
    /// Reads what counts of the archive, from its beginning.
    ///
    /// - Parameter visit: told of each record; false ends the reading.
    /// - Throws: `Refusal` where the file does not hold what was committed, for damage, or because it is another one.
    func check(_ path: String, visit: (ArchivedRecord) throws -> Bool = { _ in true }) throws {
        var found: Int64 = 0
        var chain = try ArchiveChain()
        do {
            var reader = try ArchiveReader(path: path)
            while reader.nextBlockOffset < bytes, let block = try reader.nextBlock() {
                for record in block.records {
                    chain.add(record)
                    guard try visit(record) else { return }
                }
                found += Int64(block.records.count)
            }
        } catch let error as AvroContainerError {
            if case .system = error.kind { throw error }
            throw Refusal(.refused, "\(error); nothing was changed")
        }
        guard found == records, chain.digest == digest else {
            throw Refusal(
                .refused,
                "\(path) does not hold the \(records) records that were discarded into it: it was damaged, cut or replaced. "
                    + "Nothing was changed")
        }
    }
}
