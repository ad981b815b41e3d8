import Postgres

/// The badge rules of a file, compiled: for each merchant at most 64, so that a set of them is one word.
struct BadgeRules: Sendable, Equatable {
    /// The most rules that one merchant may have.
    static let limit = 64

    /// Those of merchants that have none of their own.
    let standard: [BadgeRule]
    /// Those of the others, whole: what they keep of the standard ones is in them.
    let merchants: [PostgresUUID: [BadgeRule]]

    /// No badge is ever due.
    static let none = BadgeRules(standard: [], merchants: [:])

    /// The rules in force for a merchant.
    func rules(for merchant: PostgresUUID) -> [BadgeRule] {
        merchants.isEmpty ? standard : merchants[merchant] ?? standard
    }

    /// How many rules there are, the overrides included.
    var count: Int { merchants.values.reduce(standard.count) { $0 + $1.count } }
}
