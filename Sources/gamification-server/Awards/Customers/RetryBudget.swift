/// How many calls may be made again: a share of those that were made, so that a service in trouble is not asked twice as
/// much because of it (as in gRPC's retry throttling). Pure.
struct RetryBudget: Sendable {
    private let capacity: Double
    private let share: Double
    private var tokens: Double

    /// Up to `capacity` retries at once; every call that succeeds earns `share` of one.
    init(capacity: Double = 10, share: Double = 0.1) {
        self.capacity = capacity
        self.share = share
        tokens = capacity
    }

    /// A call succeeded.
    mutating func earn() { tokens = min(capacity, tokens + share) }

    /// Whether a call may be made again, which that spends.
    mutating func spend() -> Bool {
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }
}
