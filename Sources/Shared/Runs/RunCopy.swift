package import Redrive

/// One copy's part of a run, as it said itself.
package struct RunCopy: Sendable, Equatable {
    /// Where a copy stands.
    package enum State: String, Sendable, CaseIterable {
        case running
        /// It reached the end of the range.
        case finished
        /// A signal, a limit, a guard or `stop` ended it; work is left.
        case stopped
        /// It gave up with an error.
        case failed
        /// It says that it runs and has not said so for `silence`: it was killed, or reaches no broker. Never written.
        case lost
    }

    /// How long a copy may be silent, milliseconds; it speaks every `RunSession.interval`.
    package static let silence: Int64 = 30_000

    /// Random, made for each start of the program.
    package let id: String
    /// Who@host.
    package let by: String
    /// Milliseconds since 1970.
    package let startedAt: Int64
    /// When it last said something, milliseconds since 1970.
    package var updatedAt: Int64
    /// Rises with every change.
    package var sequence: Int64 = 0
    /// Where it stands, as it said itself.
    package var state = State.running
    /// Its part of the work, committed.
    package var tally = RunTally()
    /// Why it ended early, without personal data.
    package var reason: String?

    /// A copy that begins at `startedAt`, milliseconds since 1970.
    package init(id: String, by: String, startedAt: Int64) {
        self.id = id
        self.by = by
        self.startedAt = startedAt
        updatedAt = startedAt
    }

    /// Where it stands at `now` (milliseconds since 1970).
    package func state(at now: Int64) -> State {
        state == .running && now - updatedAt > Self.silence ? .lost : state
    }
}
