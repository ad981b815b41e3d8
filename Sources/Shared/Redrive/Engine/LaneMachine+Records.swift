extension LaneMachine {
    /// Records that may still be selected; nil where there is no limit.
    var limitLeft: Int64? {
        configuration.limit.map { $0 - tally.selected - counts.pending.selected }
    }

    /// Records that the open transaction has published.
    package var pendingRecords: Int64 { Int64(transaction?.records ?? 0) }

    /// Ends the transaction in hand with the next step; for a driver that knows that nothing will join it for a while.
    package mutating func close() { transaction?.isFull = true }

    /// Whether nothing is under way: the last transaction committed and no other was begun.
    package var transactionIsSettled: Bool { phase == .running && pendingRecords == 0 }

    /// Whether the transaction in hand takes no more; the driver keeps what it has polled until after the commit.
    package var isFull: Bool { transaction?.isFull ?? true }

    /// Whether a record read at `offset` needs a verdict at all; false for what is stale, done, or beyond the end.
    /// Costs no decoding; to be asked before the record is looked at.
    package mutating func wants(partition: Int32, offset: Int64) -> Bool {
        // In place: a copy of the state would be made and dropped for every record.
        guard takesRecords, limitLeft ?? 1 > 0, let index = partitions.index(forKey: partition) else { return false }
        return partitions.values[index].pass(offset)
    }

    /// Takes the verdict on a record that is wanted, in offset order within its partition.
    ///
    /// - Parameters:
    ///   - bytes: of key and value.
    ///   - now: nanoseconds of the clock that `next` is told.
    /// - Returns: whether the record is to be published; it counts as done from now on.
    package mutating func admit(
        partition: Int32, offset: Int64, verdict: Verdict, bytes: Int, now: UInt64
    ) -> Admission {
        guard let index = partitions.index(forKey: partition) else { return .pass }
        if let bound = bound(against: verdict) {
            reachedBound = bound
            return .pass
        }
        partitions.values[index].passGap(to: offset)
        partitions.values[index].position = offset + 1
        switch verdict {
        case .redrive, .park, .requeue: break
        case .drop:
            partitions.values[index].markDone(offset..<offset + 1)
            counts.publish(verdict, bytes: 0)
            return .pass
        case .skip, .reject:
            leaveBehind(partition: partition, offset: offset, verdict)
            return .pass
        }
        partitions.values[index].markDone(offset..<offset + 1)
        counts.publish(verdict, bytes: bytes)
        if configuration.delivery == .atLeastOnce {
            inHand.append(AdmittedRecord(partition: partition, offset: offset, verdict: verdict, bytes: bytes))
        }
        count(bytes: bytes, now: now)
        if refusals.isSearching, refusals.suspects(partition, offset) { transaction?.holdsSuspects = true }
        return .publish
    }

    private mutating func leaveBehind(partition: Int32, offset: Int64, _ verdict: Verdict) {
        // One that was refused may have been passed in an earlier commit; it is found later than those behind it.
        let attempt = PublishAttempt(partition: partition, offset: offset, byParking: verdict == .reject)
        if refusals.refused.contains(attempt) {
            counts.leaveRefused(attempt)
        } else {
            counts.leaveBehind(partition: partition, offset: offset, isRejected: verdict == .reject)
        }
        if !configuration.keepsProgress {
            lastFailure = .cannotLeaveBehind(partition: partition, offset: offset)
        }
    }

    private mutating func count(bytes: Int, now: UInt64) {
        guard transaction != nil else { return }
        transaction?.records += 1
        transaction?.bytes += Int64(bytes)
        if transaction?.startedAt == nil { transaction?.startedAt = now }
        if let open = transaction, open.records >= recordLimit || open.bytes >= configuration.budget.bytes {
            transaction?.isFull = true
        }
    }

    /// All records of `partition` below `offset` have been delivered: an end-of-partition event.
    ///
    /// Past the limit it says nothing: records before it were delivered and not wanted, and are no gap.
    package mutating func reachedEnd(partition: Int32, offset: Int64) {
        guard takesRecords, limitLeft ?? 1 > 0, let index = partitions.index(forKey: partition),
            !partitions.values[index].needsLoad
        else { return }
        partitions.values[index].passGap(to: min(offset, partitions.values[index].end ?? offset))
    }

    /// Remembers a record of the open transaction by which the topic can be recognised later.
    package mutating func note(_ witness: Witness, partition: Int32) {
        partitions[partition]?.witness = witness
    }

    /// The partition cannot be read on: what was read before is committed, then the lane fails.
    package mutating func unreadable(partition: Int32, offset: Int64, reason: String) {
        lastFailure = .unreadable(partition: partition, offset: offset, reason)
    }
}
