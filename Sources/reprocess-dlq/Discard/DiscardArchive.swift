import Archive
import Avro
import CommandLine
import Crypto
import Glibc
import Kafka
import Redrive
import ToolKit

/// The file into which discarded records go before they are done. Between transactions it holds exactly what is
/// committed, as the receipt says that travels in each of them. Used by one lane, on its thread.
final class DiscardArchive {
    /// What stands in the file's metadata.
    struct Identity: Sendable {
        let id: String
        let clusterID: String
        let topic: String
        let group: String
        let run: String
        let reason: String
        let by: String

        static let idName = "gamification.archive.id"

        var metadata: [String: [UInt8]] {
            [
                Self.idName: id, "gamification.archive.cluster": clusterID, "gamification.archive.topic": topic,
                "gamification.archive.group": group, "gamification.archive.run": run,
                "gamification.archive.reason": reason, "gamification.archive.by": by,
            ].mapValues { Array($0.utf8) }
        }

        /// Nil for an archive that `discard` did not write.
        init?(_ metadata: [String: [UInt8]]) {
            func text(_ name: String) -> String? {
                metadata["gamification.archive.\(name)"].map { String(decoding: $0, as: UTF8.self) }
            }
            guard let id = text("id"), let clusterID = text("cluster"), let topic = text("topic"),
                let group = text("group"), let run = text("run")
            else { return nil }
            self.init(
                id: id, clusterID: clusterID, topic: topic, group: group, run: run, reason: text("reason") ?? "",
                by: text("by") ?? "")
        }

        init(id: String, clusterID: String, topic: String, group: String, run: String, reason: String, by: String) {
            self.id = id
            self.clusterID = clusterID
            self.topic = topic
            self.group = group
            self.run = run
            self.reason = reason
            self.by = by
        }

        var receiptKey: String { ReceiptStore.key("archive", group: group, topic: topic, id: id) }
    }

    let path: String
    let identity: Identity
    private let receipts: ReceiptStore
    private let partitions: Int32
    private var writer: ArchiveWriter?
    private var chain: ArchiveChain
    /// The length of the file when it held no record.
    private let headerBytes: Int64
    /// What went wrong with the file; nothing is committed any more then.
    private var failure: (any Error)?

    /// Makes the file, or goes on with that of the same run after a kill.
    ///
    /// - Throws: `Refusal` where there is another file already, `AvroContainerError`, `KafkaError`.
    init(path: String, identity fresh: Identity, receipts: ReceiptStore) throws {
        self.path = path
        self.receipts = receipts
        chain = try ArchiveChain()
        partitions = try receipts.partitionCount()
        var state = stat()
        guard lstat(path, &state) == 0 else {
            identity = fresh
            writer = try ArchiveWriter.create(path: path, metadata: fresh.metadata)
            try Self.synchronizeDirectory(of: path)
            headerBytes = try Self.size(path)
            return
        }
        guard let known = try? Identity(ArchiveReader(path: path).metadata), known.run == fresh.run,
            known.clusterID == fresh.clusterID, known.topic == fresh.topic, known.group == fresh.group
        else {
            throw Refusal(
                .refused,
                "\(path) exists already; nothing was discarded. Name another file, or, to go on with a run that was "
                    + "killed, its --run as well")
        }
        identity = known
        headerBytes = try ArchiveReader(path: path).nextBlockOffset
        // Before anything is cut off or added: what was damaged since is left as it is.
        try receipts.read(known.receiptKey).flatMap { FileReceipt($0) }?.check(path)
        try goBack()
    }

    /// Appends a record; a failure shows at the next commit.
    func append(_ batch: RecordBatch, _ index: Int) {
        do {
            let record = try ArchivedRecord(batch, index)
            try writer?.append(record)
            chain.add(record)
        } catch {
            failure = failure ?? error
        }
    }

    /// Makes all that was appended safe, and says so in the transaction that makes the records done.
    func commit(with publisher: Publisher) throws {
        if let failure { throw failure }
        try writer?.synchronize()
        let receipt = FileReceipt(bytes: try Self.size(path), records: writer?.recordCount ?? 0, digest: chain.digest)
        try receipts.send(receipt.value, under: identity.receiptKey, partitions: partitions, with: publisher)
    }

    /// The open transaction is lost, or its outcome unknown: the file is cut back to what is committed.
    func goBack() throws {
        writer = nil
        let receipt = try receipts.read(identity.receiptKey).flatMap { FileReceipt($0) }
        chain = try ArchiveChain(after: receipt?.digest ?? "")
        let length = receipt?.bytes ?? headerBytes
        guard try Self.size(path) >= length else {
            throw Refusal(
                .refused, "\(path) is shorter than what was committed of it (\(length) bytes); it was cut, or replaced")
        }
        guard truncate(path, off_t(length)) == 0 else {
            throw Refusal(.failed, "cannot cut \(path) back: \(String(cString: strerror(errno)))")
        }
        writer = try ArchiveWriter.resume(path: path)
    }

    private static func size(_ path: String) throws -> Int64 {
        var state = stat()
        guard stat(path, &state) == 0 else {
            throw Refusal(.failed, "cannot look at \(path): \(String(cString: strerror(errno)))")
        }
        return Int64(state.st_size)
    }

    /// The file's name must survive a crash too.
    private static func synchronizeDirectory(of path: String) throws {
        let end = path.lastIndex(of: "/")
        let directory = end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 || errno == EINVAL else {
            throw Refusal(.failed, "cannot synchronize \(directory): \(String(cString: strerror(errno)))")
        }
    }
}
