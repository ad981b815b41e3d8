/// A point in time up to which a call may wait.
struct Deadline: Sendable {
    private let instant: ContinuousClock.Instant

    init(after duration: Duration) {
        instant = .now + duration
    }

    var isPast: Bool { remaining <= .zero }

    var remaining: Duration { instant - .now }

    /// What is left for a librdkafka call: never negative, since that means "for ever" there.
    func milliseconds(atMost limit: Int32 = .max) -> Int32 {
        min(limit, remaining.clampedMilliseconds)
    }
}

extension Duration {
    /// Whole milliseconds, rounded up so that a short wait is not turned into a busy loop; 0 ... Int32.max.
    var clampedMilliseconds: Int32 {
        guard self > .zero else { return 0 }
        let (seconds, attoseconds) = components
        guard seconds < Int64(Int32.max) / 1000 - 1 else { return .max }
        return Int32(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
