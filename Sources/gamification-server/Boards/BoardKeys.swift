import Redis

/// The two keys of one merchant's board, which are in one slot of a cluster.
struct BoardKeys: Sendable, Equatable {
    /// The sorted set of points by customer.
    let board: String
    /// The hash of versions by customer, with the fields `filled` (the epoch in which the board was filled) and `filling` (the
    /// token of whoever fills it). Customers are UUIDs, so no customer has these names.
    let versions: String

    init(_ keys: RedisKeys, merchant: String) {
        board = keys.leaderboard(merchant: merchant)
        versions = keys.leaderboardVersion(merchant: merchant)
    }

    var both: [String] { [board, versions] }
}

/// A customer's total as PostgreSQL has it.
struct BoardTotal: Sendable, Equatable {
    /// A lower-case UUID.
    let customer: String
    let points: Int64
    /// Rises with every change of the points.
    let version: Int64
}
