import Crypto
import Kafka
import Redrive

/// What is to become of a canary's records: they are redriven, all others stay. Used by one lane.
final class CanaryFates: PlannedFates {
    private let entries: [PlanLog.Place: PlanEntry]
    private var digest: ContentDigest
    private let log: PlanLog

    /// - Throws: `CryptoError`.
    init(_ entries: [PlanEntry], log: PlanLog) throws {
        self.entries = Dictionary(
            entries.map { (.init(partition: $0.partition, offset: $0.offset), $0) }, uniquingKeysWith: { $1 })
        digest = try ContentDigest()
        self.log = log
    }

    func verdict(_ batch: RecordBatch, _ index: Int) throws -> Verdict {
        let place = PlanLog.Place(partition: batch.partition(index), offset: batch.offset(index))
        guard let entry = entries[place] else { return .skip }
        guard entry.timestamp == batch.timestamp(index).milliseconds,
            try digest.digest(of: batch, index) == entry.digest
        else {
            log.note(place, .changed)
            return .skip
        }
        return .redrive
    }

    func bodyIsGone(partition: Int32, offset: Int64) {
        log.note(.init(partition: partition, offset: offset), .bodyGone)
    }
}
