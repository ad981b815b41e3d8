import Postgres
import RedriveSimulation

/// Which awards are asked for.
struct AwardMix: Sendable {
    struct Award: Sendable {
        let name: AwardName
        /// A badge that does not exist.
        let isUnknown: Bool
    }

    /// Badges with a translation that no rule awards.
    static let badges = ["first-purchase", "early-bird", "regular"]

    var merchants = 20
    /// One in so many awards is of a badge that does not exist; 0 for none.
    var unknown = 0
    /// Customers who are new to the server, and seldom asked for again; otherwise one has three badges.
    var isFresh = false
    /// One in so many awards is of a badge that the saga awards by its rules too, to one of these customers; 0 for none.
    var shared = 0
    var sharedCustomers: @Sendable (inout SplitMix64) -> (customer: Int, merchant: Int) = { _ in (0, 0) }

    func award(number: Int, random: inout SplitMix64) -> Award {
        if random.oneIn(shared) {
            let (customer, merchant) = sharedCustomers(&random)
            return Award(
                name: AwardName(
                    merchant: SagaRecords.merchant(merchant).description,
                    customer: SagaRecords.customer(customer).description, badge: ServerStack.rules[0].badge),
                isUnknown: false)
        }
        let customer = isFresh ? number : number / Self.badges.count
        let isUnknown = random.oneIn(unknown)
        return Award(
            name: AwardName(
                merchant: SagaRecords.merchant(customer % merchants).description,
                // Far from those who are given points.
                customer: SagaRecords.customer(1 << 40 + customer).description,
                badge: isUnknown ? "no-such-badge-\(number)" : Self.badges[number % Self.badges.count]),
            isUnknown: isUnknown)
    }
}
