import Glibc

/// A point on a clock that never goes back and knows no calendar: nanoseconds since an arbitrary zero.
package struct MonotonicInstant: Comparable, Hashable, Sendable {
    /// Nanoseconds since the clock's zero (boot, for the real clock); never negative there.
    package var nanoseconds: Int64

    /// The instant `nanoseconds` after the clock's zero.
    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// The kernel's CLOCK_MONOTONIC, about 20 ns a call.
    package static func now() -> MonotonicInstant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicInstant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    /// The instant `nanoseconds` later (earlier if negative), held at the ends of the range instead of overflowing.
    package func advanced(by nanoseconds: Int64) -> MonotonicInstant {
        let (sum, overflow) = self.nanoseconds.addingReportingOverflow(nanoseconds)
        return MonotonicInstant(nanoseconds: overflow ? (nanoseconds > 0 ? .max : .min) : sum)
    }

    /// The instant `seconds` later, held at the ends of the range; NaN counts as zero.
    package func advanced(bySeconds seconds: Double) -> MonotonicInstant {
        advanced(by: seconds.isNaN ? 0 : Int64(exactly: (seconds * 1e9).rounded()) ?? (seconds > 0 ? .max : .min))
    }

    /// The instant `duration` later (earlier if negative), held at the ends of the range.
    package func advanced(by duration: Duration) -> MonotonicInstant {
        let (seconds, attoseconds) = duration.components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return advanced(by: overflow ? (seconds > 0 ? .max : .min) : whole).advanced(by: attoseconds / 1_000_000_000)
    }

    /// Nanoseconds from `earlier` to this instant, negative if `earlier` is later; held at the ends of the range.
    package func nanoseconds(since earlier: MonotonicInstant) -> Int64 {
        let (difference, overflow) = nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
        return overflow ? (nanoseconds > earlier.nanoseconds ? .max : .min) : difference
    }

    /// Seconds from `earlier` to this instant.
    package func seconds(since earlier: MonotonicInstant) -> Double {
        Double(nanoseconds(since: earlier)) / 1e9
    }

    /// Earlier on the clock.
    package static func < (left: MonotonicInstant, right: MonotonicInstant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}

/// Where code that must be testable gets the time from: the real clock, or one that a test or simulation turns by hand.
package struct MonotonicClock: Sendable {
    /// The present instant; callable from any thread.
    package let now: @Sendable () -> MonotonicInstant

    /// A clock that answers with `now`.
    package init(now: @escaping @Sendable () -> MonotonicInstant) { self.now = now }

    /// CLOCK_MONOTONIC.
    package static let system = MonotonicClock { MonotonicInstant.now() }
}
