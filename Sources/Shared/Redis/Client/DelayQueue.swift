import Lifecycle

/// Commands that a server could not take yet, each until its next attempt.
struct DelayQueue {
    private var entries: [(due: MonotonicInstant, pending: Pending)] = []
    /// The earliest attempt.
    private(set) var due: MonotonicInstant?

    /// Puts a command off: 10 ms at first, then longer, a quarter of a second at most.
    mutating func add(_ pending: Pending, at now: MonotonicInstant) {
        var pending = pending
        let pause = min(Int64(10_000_000) << Int64(min(pending.delays, 5)), 250_000_000)
        pending.delays += 1
        let next = min(now.advanced(by: pause), max(now, pending.deadline))
        entries.append((next, pending))
        due = due.map { min($0, next) } ?? next
    }

    /// Takes those whose time has come, in the order they were put off.
    mutating func take(at now: MonotonicInstant) -> [Pending] {
        guard let due, now >= due else { return [] }
        let ready = entries.filter { $0.due <= now }.map(\.pending)
        entries.removeAll { $0.due <= now }
        self.due = entries.map(\.due).min()
        return ready
    }

    mutating func takeAll() -> [Pending] {
        defer { (entries, due) = ([], nil) }
        return entries.map(\.pending)
    }
}
