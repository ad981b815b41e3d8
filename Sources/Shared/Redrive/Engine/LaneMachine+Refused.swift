extension LaneMachine {
    /// Whether a record's verdict or its transaction depends on what was refused before; false on the hot path.
    package var heedsRefusals: Bool { refusals.isSearching || !refusals.refused.isEmpty }

    /// Records that are refused for good and not yet set aside.
    package var refusedRecords: Set<PublishAttempt> { refusals.refused }

    /// The most records that a transaction holds now; fewer while the search for a refused one is under way.
    var recordLimit: Int { min(configuration.budget.records, refusals.recordLimit ?? .max) }

    /// What becomes of a record that may have been refused before: by its destination, then it goes to the parked topic;
    /// by that as well, then it stays. One that nobody selected stays where it is, too.
    package func reconsidered(_ verdict: Verdict, partition: Int32, offset: Int64) -> Verdict {
        guard verdict.isPublished else { return verdict }
        if refusals.isRefused(partition, offset, byParking: true) { return .reject }
        guard refusals.isRefused(partition, offset, byParking: false) else { return verdict }
        if configuration.leavesNothing { return .drop(reason: ParkReason.unpublishable) }
        return verdict == .requeue ? .skip : .park(reason: ParkReason.unpublishable)
    }

    /// Whether a wanted record must wait for the next transaction: suspects of a refusal are published by themselves, so
    /// that what a transaction's fate says, it says of them. The transaction is full then.
    package mutating func mustWait(partition: Int32, offset: Int64) -> Bool {
        guard refusals.isSearching, let open = transaction, open.records > 0,
            refusals.suspects(partition, offset) != open.holdsSuspects
        else { return false }
        transaction?.isFull = true
        return true
    }

    /// Brokers have refused records of the open transaction. It aborts; in at-least-once mode they alone are taken
    /// back and the others stay. They are decided anew when they are read again.
    package mutating func refused(_ records: RefusedRecords) {
        learn(records)
        if case .failed = phase { return }
        if configuration.delivery == .exactlyOnce { abandon() } else { undelivered(records.all) }
    }

    /// As `refused`, for a transaction that has been aborted already.
    package mutating func learn(_ records: RefusedRecords) {
        // What is known already brings nothing forward.
        if refusals.learn(records) { consecutiveAborts = 0 }
        if refusals.refused.count > RefusalSearch.maximum {
            phase = .failed(.tooManyRefused(RefusalSearch.maximum))
        }
    }

    /// Records that did not reach their topic, while others of the same transaction did: they are not done, and are read
    /// again after the next commit. In at-least-once mode only; in exactly-once mode a transaction is whole or nothing.
    package mutating func undelivered(_ records: [PublishAttempt]) {
        guard configuration.delivery == .atLeastOnce, !records.isEmpty else { return }
        let records = Set(records)
        for record in inHand where records.contains(record.attempt) {
            partitions[record.partition]?.markUndone(record.offset)
            counts.takeBack(record.verdict, bytes: record.bytes)
            transaction?.records -= 1
            transaction?.bytes -= Int64(record.bytes)
        }
        inHand.removeAll { records.contains($0.attempt) }
    }
}
