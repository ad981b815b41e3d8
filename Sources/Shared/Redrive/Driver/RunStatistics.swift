import Synchronization

/// A run's counts while it goes on, for progress lines and metrics. Any thread.
package final class RunStatistics: Sendable {
    /// One look at a run.
    package struct Snapshot: Sendable {
        /// Committed work of this copy.
        package var tally = RunTally()
        /// Offsets not yet done below the run's ends, in the partitions that this copy holds; nil before it was given any.
        package var remaining: Int64?
        /// Source partitions in this copy's hands.
        package var partitions = 0
        /// Commits, tried or done.
        package var transactions: Int64 = 0
        /// Transactions thrown away.
        package var aborts: Int64 = 0
        /// Producers that were replaced.
        package var fencings: Int64 = 0
        /// Who wants the run to wait.
        package var pauses: [String] = []
        /// What is waited for, if anything.
        package var waitingFor: String?

        /// Nothing done, nothing known.
        package init() {}
    }

    private struct State: Sendable {
        var snapshot = Snapshot()
        var tallies: [RunTally]
        var remaining: [Int64]
        var hasBegun = false
    }

    private let state: Mutex<State>

    /// - Parameter lanes: how many report, numbered from 0.
    package init(lanes: Int) {
        state = Mutex(
            State(tallies: Array(repeating: RunTally(), count: lanes), remaining: Array(repeating: 0, count: lanes)))
    }

    /// All lanes together, at one moment.
    package var snapshot: Snapshot {
        state.withLock { state in
            var snapshot = state.snapshot
            snapshot.tally = state.tallies.reduce(into: RunTally()) { $0 += $1 }
            if state.hasBegun { snapshot.remaining = state.remaining.reduce(0, +) }
            return snapshot
        }
    }

    /// Whether a lane has offsets before it that it has not dealt with yet.
    var isBehind: Bool { state.withLock { $0.remaining.contains { $0 > 0 } } }

    /// What the lanes begin an assignment with.
    func begin(remaining: [Int64]) {
        state.withLock { state in
            state.remaining = remaining
            state.hasBegun = true
        }
    }

    /// - Parameter remaining: nil where the lane has given its partitions back; what it left there stays.
    func update(lane: Int, tally: RunTally, remaining: Int64?) {
        state.withLock { state in
            state.tallies[lane] = tally
            if let remaining { state.remaining[lane] = remaining }
        }
    }

    func change(_ body: (inout Snapshot) -> Void) {
        state.withLock { body(&$0.snapshot) }
    }
}
