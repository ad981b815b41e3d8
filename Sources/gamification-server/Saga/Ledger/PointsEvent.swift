import Postgres

/// A `points.earned` event that may be counted.
struct PointsEvent: Sendable, Equatable {
    /// Its identity: whatever has it is counted once.
    var id: PostgresUUID
    var owner: CustomerKey
    /// Points of this event, at most 2^53 - 1 either way.
    var points: Int64
    /// When it arose, in milliseconds since 1970.
    var time: Int64

    /// The day it counts for, in days since 1970-01-01 UTC.
    var day: Int32 { Int32(clamping: Int64((Double(time) / 86_400_000).rounded(.down))) }
}

/// A customer of a merchant.
struct CustomerKey: Sendable, Hashable, Comparable {
    var merchant: PostgresUUID
    var customer: PostgresUUID

    static func < (left: Self, right: Self) -> Bool {
        left.merchant == right.merchant ? left.customer < right.customer : left.merchant < right.merchant
    }
}
