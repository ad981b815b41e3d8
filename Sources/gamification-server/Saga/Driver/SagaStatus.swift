import Synchronization

/// How the saga fares, for `/ready` and `/metrics`; any thread may ask.
final class SagaStatus: Sendable {
    /// What there is to tell.
    struct Snapshot: Sendable, Equatable {
        /// Why consumption is paused; nil while it is not.
        var pauseReason: String?
        /// Dependencies that do not work now, and in a sentence why.
        var degraded: [String: String] = [:]
        /// Partitions that this instance has.
        var partitions = 0
        /// Offsets of those partitions that are not committed.
        var lag: Int64 = 0
        /// Records in hand that wait for another attempt.
        var waiting = 0
        var tally = SagaTally()
        /// Dead letters written, by their error's code.
        var buried: [String: Int] = [:]
        /// Why the last file of rules was refused; nil where the rules in force are those of the file.
        var rulesProblem: String?
    }

    private let state = Mutex(Snapshot())

    init() {}

    /// The present state.
    var snapshot: Snapshot { state.withLock { $0 } }

    /// Changes it.
    func update(_ change: (inout Snapshot) -> Void) { state.withLock { change(&$0) } }
}
