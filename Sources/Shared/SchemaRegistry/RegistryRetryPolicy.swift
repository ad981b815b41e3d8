package import Lifecycle

/// How often and how long the registry is asked: exponential backoff with jitter, within a total deadline.
package struct RegistryRetryPolicy: Sendable {
    /// For one call with all its attempts and pauses.
    package var totalTimeout: Duration
    /// For one attempt.
    package var attemptTimeout: Duration
    /// The attempts at most, the first included.
    package var attemptLimit: Int
    /// The pause after the first failure; it doubles with each further one.
    package var firstPause: Duration
    /// The longest pause of our own choice. `Retry-After` may ask for more, within the total deadline.
    package var longestPause: Duration

    /// A policy of these parts.
    package init(
        totalTimeout: Duration = .seconds(30), attemptTimeout: Duration = .seconds(10), attemptLimit: Int = 10,
        firstPause: Duration = .milliseconds(100), longestPause: Duration = .seconds(5)
    ) {
        self.totalTimeout = totalTimeout
        self.attemptTimeout = attemptTimeout
        self.attemptLimit = attemptLimit
        self.firstPause = firstPause
        self.longestPause = longestPause
    }

    /// The pause after `attempt` failures (1 or more); `random` from 0 to 1 spreads it over the upper half.
    func pause(after attempt: Int, random: Double) -> Duration {
        let doubled = firstPause * (1 << min(max(attempt - 1, 0), 20))
        return min(doubled, longestPause) * (0.5 + 0.5 * random)
    }
}

/// Where the client gets time, sleep and chance from, so that tests need not wait.
package struct RegistryTime: Sendable {
    /// The clock.
    package let clock: MonotonicClock
    /// Suspends for a duration; throws when the task is cancelled.
    package let sleep: @Sendable (Duration) async throws -> Void
    /// A number from 0 to 1.
    package let random: @Sendable () -> Double

    /// Times of these parts; tests give their own.
    package init(
        clock: MonotonicClock, sleep: @escaping @Sendable (Duration) async throws -> Void,
        random: @escaping @Sendable () -> Double
    ) {
        self.clock = clock
        self.sleep = sleep
        self.random = random
    }

    /// The system's.
    package static let system = RegistryTime(
        clock: .system, sleep: { try await Task.sleep(for: $0) }, random: { Double.random(in: 0...1) })
}

extension Duration {
    /// In nanoseconds, held at the ends of the range.
    var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (nanoseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return seconds > 0 ? .max : .min }
        return nanoseconds.addingReportingOverflow(attoseconds / 1_000_000_000).partialValue
    }
}
