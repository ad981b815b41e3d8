import Lifecycle

/// Holds a lane's records to a rate.
final class LanePacer {
    private let interval: UInt64
    private var due: UInt64

    init(_ pace: RedriveSettings.Pace) {
        switch pace {
        case .unlimited: interval = 0
        case .rate(let rate): interval = UInt64(1_000_000_000 / rate)
        }
        due = UInt64(MonotonicInstant.now().nanoseconds)
    }

    func take(until: UInt64) -> Bool {
        guard interval > 0 else { return true }
        return due <= until
    }
}
