import Kafka
import Redrive

/// Puts the records that a drain's filters select into an archive; the transaction makes them done. Used by one lane.
final class DiscardProcessor: RecordProcessor {
    private let judging: DrainProcessor
    private let archive: DiscardArchive

    /// - Parameter judging: whose verdict is to park what is selected.
    init(_ judging: DrainProcessor, archive: DiscardArchive) {
        self.judging = judging
        self.archive = archive
    }

    func judge(_ batch: RecordBatch, _ index: Int) throws -> Judgement { try judging.judge(batch, index) }

    func fetchSchema(_ id: Int32) async throws { try await judging.fetchSchema(id) }

    func publish(
        _ batch: RecordBatch, _ index: Int, _ verdict: Verdict, with publisher: Publisher, tag: UInt64
    ) throws(KafkaError) {
        if case .park = verdict { archive.append(batch, index) }
    }

    func beforeCommit(with publisher: Publisher) throws { try archive.commit(with: publisher) }

    func afterLoss() throws { try archive.goBack() }
}
