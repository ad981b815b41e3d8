package import Redrive

/// A driver with one fault in it, which the simulation must find.
package enum Mutant: String, CaseIterable, Sendable {
    case commitBeforePublish
    case progressNotReadAgain
    case metadataAtCommit
    /// A call whose time ran out passes for done.
    case timeoutTakenAsDone
    /// A commit that was answered late passes for failed: only the tally shows it.
    case lateAnswerTakenAsFailure
    /// At least once, a refused record has the whole batch published again.
    case batchRepeatedForOneRecord
    /// A refused batch passes for a passing trouble: it is tried again as it was.
    case refusedBatchTriedAgain

    /// Where the fault shows.
    package var delivery: Delivery { self == .batchRepeatedForOneRecord ? .atLeastOnce : .exactlyOnce }
}
