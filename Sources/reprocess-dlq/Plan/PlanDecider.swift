import Crypto
import Kafka
import Redrive
import Synchronization

/// Entries of a plan that were met and not sent. Any thread.
final class PlanLog: Sendable {
    /// Why an entry was not sent.
    enum Reason: String, Sendable {
        /// Another record stands there, or it was changed.
        case changed
        /// The record had no body, and its origin no longer has it.
        case bodyGone = "body_gone"
    }

    struct Place: Hashable, Sendable {
        let partition: Int32
        let offset: Int64
    }

    private let met = Mutex<[Place: Reason]>([:])
    /// More are not kept apart; a plan that fits this badly is of no use anyway.
    private static let limit = 200_000

    /// Notes an entry; one that is read again after an abort counts once.
    func note(_ place: Place, _ reason: Reason) {
        met.withLock { met in
            if met.count < Self.limit { met[place] = reason }
        }
    }

    var entries: [(place: Place, reason: Reason)] {
        met.withLock { $0.map { ($0.key, $0.value) } }.sorted {
            ($0.0.partition, $0.0.offset) < ($1.0.partition, $1.0.offset)
        }
    }
}

/// A lane's view of a plan: what it says of the records that go by. One thread at a time.
final class PlanDecider: PlannedFates {
    private var cursor: PlanCursor
    private var digest: ContentDigest
    private let log: PlanLog

    /// - Throws: `CryptoError`.
    init(_ file: PlanFile, log: PlanLog) throws {
        cursor = PlanCursor(file)
        digest = try ContentDigest()
        self.log = log
    }

    func verdict(_ batch: RecordBatch, _ index: Int) throws -> Verdict {
        let (partition, offset) = (batch.partition(index), batch.offset(index))
        guard let entry = try cursor.entry(partition: partition, offset: offset) else { return .skip }
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
