import Crypto
import Kafka
import Redrive

/// A lane's view of what was decided before, by a plan or for a canary: what it says of the records that go by. One thread
/// at a time.
final class PlanDecider: PlannedFates {
    private var cursor: PlanCursor?
    private var chosen: [PlanLog.Place: PlanEntry] = [:]
    private var digest: ContentDigest
    private let log: PlanLog

    /// - Throws: `CryptoError`.
    init(_ file: PlanFile, log: PlanLog) throws {
        cursor = PlanCursor(file)
        digest = try ContentDigest()
        self.log = log
    }

    /// Of these few records; all others stay.
    ///
    /// - Throws: `CryptoError`.
    init(_ entries: [PlanEntry], log: PlanLog) throws {
        for entry in entries { chosen[.init(partition: entry.partition, offset: entry.offset)] = entry }
        digest = try ContentDigest()
        self.log = log
    }

    private func entry(_ partition: Int32, _ offset: Int64) throws -> PlanEntry? {
        try cursor?.entry(partition: partition, offset: offset)
            ?? chosen[.init(partition: partition, offset: offset)]
    }

    func verdict(_ batch: RecordBatch, _ index: Int) throws -> Verdict {
        let (partition, offset) = (batch.partition(index), batch.offset(index))
        guard let entry = try entry(partition, offset) else { return .skip }
        guard entry.timestamp == batch.timestamp(index).milliseconds,
            try digest.digest(of: batch, index) == entry.digest
        else {
            log.note(.init(partition: partition, offset: offset), .changed)
            return .skip
        }
        return switch entry.decision {
        case .redrive: .redrive
        case .park: .park(reason: entry.reason ?? "")
        case .requeue: .requeue
        case .leave: .reject
        }
    }

    func bodyIsGone(partition: Int32, offset: Int64) {
        log.note(.init(partition: partition, offset: offset), .bodyGone)
    }
}
