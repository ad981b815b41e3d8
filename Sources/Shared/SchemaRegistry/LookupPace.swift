import Lifecycle

/// Spaces lookups out: the generic cell rate algorithm (ITU-T I.371), a token bucket kept as one instant.
struct LookupPace {
    private let interval: Int64
    private let tolerance: Int64
    private var arrival = MonotonicInstant(nanoseconds: .min)

    init(perSecond: Double, burst: Int) {
        interval = Int64(1e9 / max(perSecond, 0.001))
        tolerance = interval.multipliedReportingOverflow(by: Int64(max(burst, 1) - 1)).partialValue
    }

    /// Takes the next place in the row and says how long to wait for it, in nanoseconds, 0 for not at all.
    mutating func reserve(at now: MonotonicInstant) -> Int64 {
        let start = max(arrival, now)
        arrival = start.advanced(by: interval)
        return max(0, start.nanoseconds(since: now) - tolerance)
    }
}
