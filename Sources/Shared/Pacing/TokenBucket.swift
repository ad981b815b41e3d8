package import Lifecycle

/// A token bucket: up to `capacity` at once, refilled steadily. For limits that allow bursts, such as questions to the
/// schema registry; an even stream of events wants an ``AbsoluteSchedule``.
///
/// In any window of w seconds at most capacity + refill × w tokens are granted. A value without a clock: the caller
/// says what time it is; a time before the last one counts as the last one.
package struct TokenBucket: Sendable {
    /// The most tokens that it holds.
    package let capacity: Double
    /// Tokens a second that flow in; 0 means that it never refills.
    package let refill: Double

    private var level: Double
    private var last: MonotonicInstant

    /// A full bucket. `capacity` is at least 1; negative refills count as 0.
    package init(capacity: Double, refill: Double, start: MonotonicInstant) {
        self.capacity = max(1, capacity.isFinite ? capacity : 1)
        self.refill = max(0, refill.isFinite ? refill : 0)
        level = self.capacity
        last = start
    }

    /// Takes up to `limit` whole tokens of those that are there.
    package mutating func grant(upTo limit: Int, at now: MonotonicInstant) -> Int {
        guard limit > 0 else { return 0 }
        advance(to: now)
        let granted = min(limit, max(0, Int(clamping: Int64(clamping: level))))
        level -= Double(granted)
        return granted
    }

    /// Takes a whole token, in advance where none is there; what is owed is paid back before anything is granted.
    ///
    /// - Returns: nanoseconds until the token is there, 0 if it is; nil if it never will be, and none is taken.
    package mutating func reserve(at now: MonotonicInstant) -> Int64? {
        advance(to: now)
        guard level >= 1 || refill > 0 else { return nil }
        level -= 1
        return level >= 0 ? 0 : max(1, Int64(clamping: (-level / refill * 1e9).rounded(.up)))
    }

    /// Nanoseconds until a whole token is there: 0 if one is now, nil if none will ever be.
    package func nextDue(at now: MonotonicInstant) -> Int64? {
        var copy = self
        copy.advance(to: now)
        if copy.level >= 1 { return 0 }
        guard refill > 0 else { return nil }
        let wait = max(1, Int64(clamping: ((1 - copy.level) / refill * 1e9).rounded(.up)))
        // Rounding may leave the level a hair below one at that instant.
        copy.advance(to: copy.last.advanced(by: wait))
        return copy.level >= 1 ? wait : wait.addingReportingOverflow(1).partialValue
    }

    private mutating func advance(to now: MonotonicInstant) {
        guard now > last else { return }
        level = min(capacity, level + now.seconds(since: last) * refill)
        last = now
    }
}
