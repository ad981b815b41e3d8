package import Pacing
import Synchronization

/// What an operator, or a guard, wants of a run that is under way. Any thread; the run looks at it twenty times a
/// second and tells its lanes.
package final class RunControls: Sendable {
    struct State: Sendable, Equatable {
        var rate: RateProfile?
        /// Who wants it to wait; it goes on when nobody does.
        var pauses: Set<String> = []
        var stops = false
    }

    private let state = Mutex(State())

    /// Nothing is asked of the run yet.
    package init() {}

    /// Changes the rate of all copies together; a ramp begins now.
    package func setRate(_ rate: RateProfile) { state.withLock { $0.rate = rate } }

    /// Lets the run wait with no transaction open, until everybody who asked for that says `resume`.
    ///
    /// - Parameter reason: who asks, in a word or two.
    package func pause(_ reason: String) { state.withLock { _ = $0.pauses.insert(reason) } }

    /// Takes back a `pause`.
    package func resume(_ reason: String) { state.withLock { _ = $0.pauses.remove(reason) } }

    /// Asks for a clean end: what is in hand is committed.
    package func stop() { state.withLock { $0.stops = true } }

    /// Whether an end was asked for.
    package var isStopped: Bool { state.withLock(\.stops) }

    /// Why the run waits; empty where it works.
    package var pauses: [String] { state.withLock { $0.pauses.sorted() } }

    /// The rate that was set; nil where none was.
    package var rate: RateProfile? { state.withLock(\.rate) }

    var current: State { state.withLock { $0 } }
}
