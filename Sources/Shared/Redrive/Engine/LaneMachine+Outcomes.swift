extension LaneMachine {
    /// A fresh producer is ready.
    package mutating func producerOpened() {
        phase = .running
        for partition in partitions.keys where transactionWasLost { partitions[partition]?.needsLoad = true }
        transactionWasLost = false
    }

    /// Offset and progress were read again, after whatever had happened before.
    package mutating func loaded(_ starts: [PartitionStart]) {
        for start in starts {
            guard let old = partitions[start.partition] else { continue }
            take(start, end: old.end)
        }
    }

    /// The transaction that `begin` asked for is open.
    package mutating func began() {
        transaction = OpenTransaction()
    }

    /// Everything that the step asked for is committed.
    package mutating func committed(_ commit: RedriveCommit) {
        for entry in commit.offsets {
            partitions[entry.partition]?.committed(sequence: entry.metadata.stamp.sequence)
        }
        counts.commit(positions: positions)
        consecutiveAborts = 0
        refusals.committed(
            isPassed: { [partitions] in partitions[$0.partition]?.hasPassed($0.offset) ?? true },
            isDone: { [partitions] in partitions[$0.partition]?.done.contains($0.offset) ?? false })
        closeTransaction()
    }

    /// Nothing of the transaction is visible to anybody.
    package mutating func aborted() {
        phase = .running
        forgetTransaction()
        if awaitsRebalance { phase = .awaitingRebalance }
        awaitsRebalance = false
    }

    /// A step of the transaction failed, at `now` (nanoseconds, as in `next`).
    package mutating func transactionFailed(_ fault: TransactionFault, now: UInt64) {
        switch fault {
        case .abortable(let reason):
            consecutiveAborts += 1
            if consecutiveAborts > configuration.maximumAborts {
                phase = .failed(.tooManyAborts(reason))
            } else {
                abandon()
            }
        case .generationFenced:
            awaitsRebalance = true
            abandon()
        case .fatal:
            fencings = fencings.filter { now - $0 < configuration.fencingWindow } + [now]
            if fencings.count >= configuration.maximumFencings {
                phase = .failed(.fencedRepeatedly)
            } else {
                forgetTransaction()
                transactionWasLost = true
                phase = .needsProducer
            }
        }
    }

    /// Drops the open transaction's work; there is nothing to abort at the broker in at-least-once mode.
    mutating func abandon() {
        if configuration.delivery == .exactlyOnce, transaction != nil {
            phase = .mustAbort
        } else {
            aborted()
        }
    }

    private mutating func forgetTransaction() {
        closeTransaction()
        counts.drop()
        // What had reached it is undone, and read again.
        reachedBound = nil
        for index in partitions.values.indices { partitions.values[index].invalidate() }
    }

    private mutating func closeTransaction() {
        transaction = configuration.delivery == .atLeastOnce ? OpenTransaction() : nil
        inHand.removeAll(keepingCapacity: true)
    }
}
