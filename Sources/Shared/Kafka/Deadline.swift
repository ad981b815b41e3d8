import Lifecycle

/// A point in time up to which a call may wait.
struct Deadline: Sendable {
    private let instant: MonotonicInstant

    init(after duration: Duration) {
        instant = MonotonicInstant.now().advanced(by: duration.clampedNanoseconds)
    }

    var isPast: Bool { remaining <= 0 }

    /// In nanoseconds.
    private var remaining: Int64 { instant.nanoseconds(since: .now()) }

    /// What is left for a librdkafka call: never negative, since that means "for ever" there. Rounded up, so that a
    /// short wait is not turned into a busy loop.
    func milliseconds(atMost limit: Int32 = .max) -> Int32 {
        Int32(clamping: min(Int64(limit), max(0, (remaining + 999_999) / 1_000_000)))
    }
}

extension Duration {
    /// Whole milliseconds, rounded up; 0 ... Int32.max.
    var clampedMilliseconds: Int32 {
        Int32(clamping: (clampedNanoseconds + 999_999) / 1_000_000)
    }

    /// 0 ... about 100 years.
    var clampedNanoseconds: Int64 {
        guard self > .zero else { return 0 }
        let (seconds, attoseconds) = components
        guard seconds < 3_000_000_000 else { return 3_000_000_000_000_000_000 }
        return seconds * 1_000_000_000 + (attoseconds + 999_999_999) / 1_000_000_000
    }
}
