import Lifecycle

/// How long something has not moved, and what to do about it.
struct StableWait {
    enum Advice { case goOn, say, giveUp }

    let seconds: Int
    private let started: MonotonicInstant
    private var lastMove: MonotonicInstant
    private var hasSaid = false

    init(patience: Duration) {
        seconds = max(60, Int(patience.components.seconds))
        started = .now()
        lastMove = started
    }

    /// Something arrived.
    mutating func moved() { lastMove = .now() }

    /// Says so once, after a second; gives up when nothing has moved for the whole time.
    mutating func poll() -> Advice {
        let waited = MonotonicInstant.now().seconds(since: lastMove)
        if waited > Double(seconds) { return .giveUp }
        if waited > 1, !hasSaid {
            hasSaid = true
            return .say
        }
        return .goOn
    }
}
