/// Badges that customers are known to have, so that one over a threshold is not asked about with every event: a set of the
/// merchant's rules, as bits, for each customer. Of bounded size; what it forgets is merely asked again.
struct AwardedMemory: Sendable {
    /// Customers in each of its two generations.
    private let limit: Int
    private var young: [CustomerKey: UInt64] = [:]
    private var old: [CustomerKey: UInt64] = [:]

    init(limit: Int = 50_000) { self.limit = max(1, limit) }

    /// The rules whose badges this customer has for certain.
    mutating func badges(of owner: CustomerKey) -> UInt64 {
        if let bits = young[owner] { return bits }
        guard let bits = old[owner] else { return 0 }
        keep(bits, owner)
        return bits
    }

    /// The customer has the badge of this rule.
    mutating func insert(_ owner: CustomerKey, bit: Int) {
        keep(badges(of: owner) | 1 << UInt64(bit), owner)
    }

    /// Forgets everything: bits mean other rules from now on.
    mutating func reset() {
        young = [:]
        old = [:]
    }

    private mutating func keep(_ bits: UInt64, _ owner: CustomerKey) {
        if young.count >= limit, young[owner] == nil {
            old = young
            young = [:]
        }
        young[owner] = bits
    }
}
