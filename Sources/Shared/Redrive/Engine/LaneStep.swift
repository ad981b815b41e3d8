/// The one thing that a lane's driver has to do next. It does it, reports the outcome, and asks again.
package enum LaneStep: Equatable, Sendable {
    /// No partition to work on: wait for an assignment.
    case idle
    /// Make a producer with a transactional id that was never used, initialise its transactions:
    /// `producerOpened` or `failed`.
    case openProducer
    /// Read committed offset and progress of these partitions again and seek them: `loaded` or `refused`.
    case load([Int32])
    /// Begin a transaction: `began` or `transactionFailed`.
    case begin
    /// Poll records, offer them one by one, publish what is admitted, at the latest until the given instant (ns).
    case fetch(until: UInt64)
    /// Publish progress, send offsets, commit, in this order: `committed` or `transactionFailed`.
    case commit(RedriveCommit)
    /// Abort the open transaction: `aborted` or `transactionFailed`.
    case abort
    /// The revoked partitions hold nothing of this lane any more: answer the rebalance.
    case released
    /// Everything up to the pinned ends, or to the limit, or to the stop, is committed.
    case finished(LaneOutcome)
    /// The lane cannot go on.
    case failed(LaneFailure)
}

/// What one transaction says of the partitions it touched.
package struct RedriveCommit: Equatable, Sendable {
    /// The assignment whose group metadata must travel with it.
    package let epoch: UInt64
    /// The partitions that the transaction changed, by number.
    package let offsets: [CommittedPartition]
    /// In the order in which they are to be written.
    package let progress: [ProgressRecord]

    /// One partition's part of a commit.
    package struct CommittedPartition: Equatable, Sendable {
        /// A slot of the sources.
        package let partition: Int32
        /// The lowest offset that is not done.
        package let offset: Int64
        /// Travels with the offset.
        package let metadata: CommitMetadata
    }
}

/// How a lane came to its end.
package enum LaneOutcome: Equatable, Sendable {
    case drained
    case limitReached
    /// A record came that a bound does not allow any more.
    case bounded(RunBound)
    case stopped
}

/// Why a lane gave up. Nothing of it is half-done: what was not committed was aborted or times out.
package enum LaneFailure: Error, Equatable, Sendable {
    /// Transactions kept failing; the last reason.
    case tooManyAborts(String)
    /// Brokers refused more records for good than can be remembered; that many.
    case tooManyRefused(Int)
    /// Fenced three times within five minutes: the machine pauses, or something else uses our ids.
    case fencedRepeatedly
    /// A record that no destination takes would be left behind, and there is no progress topic to say so.
    case cannotLeaveBehind(partition: Int32, offset: Int64)
    /// A partition could not be read on; gaps after such an error would not be trusted.
    case unreadable(partition: Int32, offset: Int64, String)
}

/// How a step of a transaction went wrong.
package enum TransactionFault: Equatable, Sendable {
    /// Abort and do it again.
    case abortable(String)
    /// The group's generation has moved on: abort, and wait for the rebalance.
    case generationFenced
    /// The producer is of no use any more: its transaction timed out, or it was fenced.
    case fatal(String)
}
