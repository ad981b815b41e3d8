import Postgres

/// What an award is: the primary key of its row.
struct AwardKey: Hashable, Comparable, Sendable {
    let merchant: PostgresUUID
    let customer: PostgresUUID
    /// Compared byte for byte.
    let badge: String

    static func == (left: AwardKey, right: AwardKey) -> Bool {
        left.merchant == right.merchant && left.customer == right.customer
            && left.badge.utf8.elementsEqual(right.badge.utf8)
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(merchant)
        hasher.combine(customer)
        for byte in badge.utf8 { hasher.combine(byte) }
    }

    /// The same order on every instance, which is what keeps them from deadlocks.
    static func < (left: AwardKey, right: AwardKey) -> Bool {
        if left.merchant != right.merchant { return left.merchant < right.merchant }
        if left.customer != right.customer { return left.customer < right.customer }
        return left.badge.utf8.lexicographicallyPrecedes(right.badge.utf8)
    }
}
