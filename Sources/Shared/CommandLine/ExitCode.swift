/// How a program ended. The numbers are part of the contract with scripts.
package enum ExitCode: Int32, Sendable, CaseIterable {
    case done = 0
    case failed = 1
    case usage = 2
    case partial = 3
    case notAuthorised = 4
    case unreachable = 5
    case refused = 6
    case stoppedEarly = 7
    case interrupted = 130
    case terminated = 143

    /// The meaning, for help and man page.
    package var meaning: String {
        switch self {
        case .done: "all done"
        case .failed: "failed; nothing half-done remains"
        case .usage: "usage; nothing was tried"
        case .partial: "everything selected was dealt with; some was parked, rejected or found gone"
        case .notAuthorised: "not authorised"
        case .unreachable: "a dependency could not be reached in time"
        case .refused: "refused: no confirmation, or a safety guard"
        case .stoppedEarly: "stopped early by a guard, with work left; progress is kept, run again"
        case .interrupted: "stopped by SIGINT, progress kept"
        case .terminated: "stopped by SIGTERM, progress kept"
        }
    }

    /// The stable word for `exit_reason` in JSON.
    package var reason: String {
        switch self {
        case .done: "done"
        case .failed: "failed"
        case .usage: "usage"
        case .partial: "partial"
        case .notAuthorised: "not_authorised"
        case .unreachable: "unreachable"
        case .refused: "refused"
        case .stoppedEarly: "stopped_early"
        case .interrupted: "interrupted"
        case .terminated: "terminated"
        }
    }

    /// The code for the end by a signal: 128 and its number for SIGINT and SIGTERM, that of SIGTERM for SIGHUP (the terminal
    /// is gone), nil for others.
    package static func signal(_ number: Int32) -> ExitCode? {
        let hangup: Int32 = 1
        return number == hangup ? .terminated : ExitCode(rawValue: 128 + number).flatMap { $0.isSignal ? $0 : nil }
    }

    /// The one code to end with when several apply: 2, a signal, 4, 5, 1, 6, 7, 3, 0, in this order. Of two signals
    /// the first given wins; nothing at all is `done`.
    package static func most(of codes: some Sequence<ExitCode>) -> ExitCode {
        codes.reduce(.done) { $1.rank > $0.rank ? $1 : $0 }
    }

    private var isSignal: Bool { self == .interrupted || self == .terminated }

    private var rank: Int {
        switch self {
        case .usage: 8
        case .interrupted, .terminated: 7
        case .notAuthorised: 6
        case .unreachable: 5
        case .failed: 4
        case .refused: 3
        case .stoppedEarly: 2
        case .partial: 1
        case .done: 0
        }
    }
}
