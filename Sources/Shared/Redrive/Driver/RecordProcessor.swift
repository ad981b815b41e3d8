package import Kafka

/// What is to become of a record, or what must be known first.
package enum Judgement: Equatable, Sendable {
    case verdict(Verdict)
    /// The schema with this id must be fetched; then ask again.
    case needsSchema(Int32)
}

/// Decides on records and publishes them: what differs between the tools that share the engine. Used by one lane.
package protocol RecordProcessor: AnyObject {
    /// Decides on the record at `index`; called once a record, in offset order within a partition.
    func judge(_ batch: RecordBatch, _ index: Int) throws -> Judgement

    /// Fetches a schema that `judge` asked for.
    func fetchSchema(_ id: Int32) async throws

    /// Publishes the record last judged, as `verdict` (redrive, park or requeue) says.
    ///
    /// - Throws: of kind `.messageTooLarge` and `.invalidRecord` where this record can never be published so.
    func publish(
        _ batch: RecordBatch, _ index: Int, _ verdict: Verdict, with publisher: Publisher, tag: UInt64
    ) throws(KafkaError)

    /// The transaction in hand is about to be committed, and holds records: what stands elsewhere is made safe now, and
    /// what says so may be sent in it. An error ends the lane, and nothing is committed.
    func beforeCommit(with publisher: Publisher) throws

    /// The transaction in hand is lost, or its outcome unknown, and what is done is read again: what stands elsewhere has
    /// to follow.
    func afterLoss() throws
}

extension RecordProcessor {
    /// Nothing stands elsewhere.
    package func beforeCommit(with publisher: Publisher) throws {}
    /// Nothing stands elsewhere.
    package func afterLoss() throws {}
}
