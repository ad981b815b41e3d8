/// The bounds of points and of their events' times.
enum PointsLimit {
    /// The largest total, either way: 2^53 - 1, which a sorted set of Redis still keeps exactly.
    static let total: Int64 = 9_007_199_254_740_991
    /// Older events add no points: the ledger, by which a repeat is known, reaches back 90 days.
    static let age: Int64 = 89 * 86_400_000
    /// Events further ahead of now are invalid.
    static let lead: Int64 = 86_400_000
}
