import Lifecycle

/// Decides whether a dependency is worth asking: after a run of failures nobody waits for it any more, except one call
/// now and then that finds out whether it is back. Pure; the caller has the clock.
struct CircuitBreaker: Sendable {
    /// Failures in a row after which it opens.
    private let threshold: Int
    /// Nanoseconds between two probes while it is open.
    private let pause: Int64
    private var failures = 0
    private var nextProbe: MonotonicInstant?

    /// Opens after `threshold` failures in a row, at least 1; then one call in `pauseMilliseconds` is let through.
    init(threshold: Int, pauseMilliseconds: Int64) {
        self.threshold = max(1, threshold)
        pause = max(1, pauseMilliseconds) * 1_000_000
    }

    /// Whether the dependency is taken to be away.
    var isOpen: Bool { nextProbe != nil }

    /// Whether a call may be made now; while it is open, true makes that call the probe.
    mutating func admits(at now: MonotonicInstant) -> Bool {
        guard let probe = nextProbe else { return true }
        guard now >= probe else { return false }
        nextProbe = now.advanced(by: pause)
        return true
    }

    /// The dependency answered. Returns true if that closed the breaker.
    @discardableResult
    mutating func succeeded() -> Bool {
        failures = 0
        defer { nextProbe = nil }
        return nextProbe != nil
    }

    /// The dependency did not answer, or not in time. Returns true if that opened the breaker.
    @discardableResult
    mutating func failed(at now: MonotonicInstant) -> Bool {
        failures = min(failures + 1, threshold)
        guard failures >= threshold else { return false }
        defer { nextProbe = now.advanced(by: pause) }
        return nextProbe == nil
    }
}
