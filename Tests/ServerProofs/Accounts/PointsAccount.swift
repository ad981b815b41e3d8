import Postgres
import TestSupport

/// Compares totals, ledger and boards with the events that were published.
struct PointsAccount {
    /// Whose points they are.
    struct Owner: Hashable {
        let merchant: String
        let customer: String
    }

    private let stack: ServerStack
    private let events: Int
    private let merchants: Int
    let totals: [Owner: Int64]

    init(_ stack: ServerStack, _ events: [PointsFeed.Event], merchants: Int) {
        self.stack = stack
        self.events = events.count
        self.merchants = merchants
        totals = Self.reduce(events, +)
    }

    /// One value for each owner.
    static func reduce(
        _ events: [PointsFeed.Event], _ combine: (Int64, Int64) -> Int64
    ) -> [Owner: Int64] {
        // Without a dictionary of texts for each event: there are as many as a burst has.
        var numbers: [SIMD2<Int>: Int64] = [:]
        for event in events {
            let key = SIMD2(event.merchant, event.customer)
            numbers[key] = numbers[key].map { combine($0, event.points) } ?? event.points
        }
        return Dictionary(
            uniqueKeysWithValues: numbers.map { key, points in
                let owner = Owner(
                    merchant: SagaRecords.merchant(key.x).description, customer: SagaRecords.customer(key.y).description
                )
                return (owner, points)
            })
    }

    /// What differs.
    func faults() async throws -> [String] { try await totalFaults() + boardFaults() }

    private func totalFaults() async throws -> [String] {
        let text = try await stack.sql("SELECT merchant_id, customer_id, points FROM customer_points")
        var found: [Owner: Int64] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "|")
            found[Owner(merchant: String(parts[0]), customer: String(parts[1]))] = Int64(parts[2])
        }
        let faults = differences(found, "in customer_points")
        let sums = try await stack.sql("SELECT count(*), coalesce(sum(points), 0) FROM points_ledger")
        let wanted = "\(events)|\(totals.values.reduce(0, +))"
        return sums == wanted ? faults : faults + ["the ledger has \(sums), \(wanted) were published"]
    }

    private func boardFaults() async throws -> [String] {
        var found: [Owner: Int64] = [:]
        for number in 0..<merchants {
            let merchant = SagaRecords.merchant(number).description
            for (customer, points) in try await Boards(stack).board(of: merchant) {
                found[Owner(merchant: merchant, customer: customer)] = points
            }
        }
        let faults = differences(found, "on the boards")
        return try await Boards(stack).areFilled() ? faults : faults + ["boards are not filled"]
    }

    private func differences(_ found: [Owner: Int64], _ place: String) -> [String] {
        Set(found.keys).union(totals.keys).filter { found[$0] != totals[$0] }.map { owner in
            "\(owner.customer) of \(owner.merchant) has \(found[owner].map(String.init) ?? "nothing") points \(place), "
                + "of \(totals[owner].map(String.init) ?? "none") published"
        }
    }
}
