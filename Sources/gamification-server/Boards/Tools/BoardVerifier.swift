import Lifecycle
import Postgres
import Redis
import ToolKit

/// Compares a merchant's board in Redis with `customer_points` while updates go on: what differs is looked at again until it is
/// the same or the time for that is over, since a committed total reaches the board a moment later.
struct BoardVerifier {
    /// How a board's entry differs from the total.
    enum Kind: String, Sendable {
        /// Not on the board.
        case missing
        /// On the board in an older version.
        case stale
        /// On the board in this version or a newer one, with other points.
        case different
        /// On the board, and nobody's total.
        case extra
    }

    struct Difference: Sendable, Equatable {
        let merchant: String
        let customer: String
        let kind: Kind
        /// Nil where the board has none.
        let boardPoints: Int64?
        /// Nil where the database has none.
        let points: Int64?
    }

    struct Report: Sendable, Equatable {
        /// False: the board is not trusted, and answered from the database.
        let isFilled: Bool
        let customers: Int
        /// The first of them.
        let differences: [Difference]
        let count: Int
    }

    let sessions: BoardSessions
    /// How long a difference may take to go by itself.
    let settle: Duration
    let isStopped: @Sendable () -> Bool

    /// Compares one board.
    /// - Throws: `PostgresError`, `RedisError`.
    func verify(_ merchant: PostgresUUID) throws -> Report {
        guard try sessions.isFilled(merchant, epoch: sessions.epoch()) else {
            return Report(isFilled: false, customers: 0, differences: [], count: 0)
        }
        var found: [Difference] = []
        var count = 0
        var customers = 0
        func note(_ differences: [Difference]) {
            count += differences.count
            found += differences.prefix(max(0, BoardAudit.listed - found.count))
        }
        var last: String?
        while true {
            let page = try sessions.totals(merchant, after: last, rows: BoardFill.pageSize)
            customers += page.count
            note(try settled(merchant, try compare(merchant, page)))
            guard page.count == BoardFill.pageSize else { break }
            last = page.last?.customer
        }
        try scan(merchant) { note(try settled(merchant, $0)) }
        return Report(isFilled: true, customers: customers, differences: found, count: count)
    }

    /// The totals that the board does not have so.
    private func compare(_ merchant: PostgresUUID, _ totals: [BoardTotal]) throws -> [Suspect] {
        zip(totals, try entries(merchant, totals.map(\.customer))).compactMap { total, entry in
            let isSame = entry.version == total.version && entry.points == total.points
            return isSame ? nil : Suspect(customer: total.customer, version: total.version, total: total, entry: entry)
        }
    }

    private func entries(_ merchant: PostgresUUID, _ customers: [String]) throws -> [BoardMember] {
        var found: [BoardMember] = []
        var rest = customers[...]
        while !rest.isEmpty {
            let batch = Array(rest.prefix(BoardScripts.batchLimit))
            let command = BoardQueries.entries(sessions.keys, merchant: merchant.description, customers: batch)
            guard let entries = BoardMember.list(try sessions.redis.run(command), count: batch.count) else {
                throw RedisError(.unexpectedReply, "the board's script answered something else", outcome: .refused)
            }
            found += entries
            rest = rest.dropFirst(batch.count)
        }
        return found
    }

    /// Members of the board that are nobody's total.
    private func scan(_ merchant: PostgresUUID, _ note: ([Suspect]) throws -> Void) throws {
        let keys = BoardKeys(sessions.keys, merchant: merchant.description)
        var cursor = "0"
        repeat {
            let reply = try sessions.redis.run(RedisCommand("ZSCAN", key: keys.board, cursor, "COUNT", "1000"))
            guard let parts = reply.elements, parts.count == 2, let next = parts[0].text,
                let members = parts[1].elements
            else { throw RedisError(.unexpectedReply, "ZSCAN answered something else", outcome: .refused) }
            cursor = next
            var points: [String: Int64] = [:]
            for index in stride(from: 0, to: members.count - 1, by: 2) {
                points[members[index].text ?? ""] = members[index + 1].number
            }
            let known = Set(try totals(merchant, of: Array(points.keys)).map(\.customer))
            try note(
                points.filter { !known.contains($0.key) }.map { customer, points in
                    Suspect(
                        customer: customer, version: 0, total: nil, entry: BoardMember(points: points, version: nil))
                })
        } while cursor != "0"
    }

    private func totals(_ merchant: PostgresUUID, of customers: [String]) throws -> [BoardTotal] {
        var parameters = PostgresParameters()
        parameters.add(merchant)
        parameters.add(customers.compactMap { PostgresUUID($0) })
        let statement: PostgresStatement =
            "SELECT customer_id, points, version FROM customer_points WHERE merchant_id = $1 AND customer_id = ANY ($2)"
        return BoardStatements.totals(try sessions.postgres.query(statement, parameters, format: .binary))
    }

    /// What is still different after a while. The board is read before the totals here, so it cannot be ahead of them; and an
    /// entry whose total changes all the time is right when it has reached the version in which it was first missed.
    private func settled(_ merchant: PostgresUUID, _ suspects: [Suspect]) throws -> [Difference] {
        var suspects = suspects
        let deadline = MonotonicInstant.now().advanced(by: settle)
        while !suspects.isEmpty, MonotonicInstant.now() < deadline, !isStopped() {
            Pause.milliseconds(50)
            let entries = try entries(merchant, suspects.map(\.customer))
            let totals = try totals(merchant, of: suspects.map(\.customer))
            let byCustomer = Dictionary(totals.map { ($0.customer, $0) }) { $1 }
            suspects = zip(suspects, entries).compactMap { suspect, entry in
                let now = Suspect(
                    customer: suspect.customer, version: suspect.version, total: byCustomer[suspect.customer],
                    entry: entry)
                return now.isSettled ? nil : now
            }
        }
        return suspects.map { $0.difference(merchant.description) }
    }

    /// An entry that is not as its total was.
    private struct Suspect {
        let customer: String
        /// The total's version when it was first missed.
        let version: Int64
        /// What was read last.
        let total: BoardTotal?
        let entry: BoardMember

        var isSettled: Bool {
            guard let total else { return entry.points == nil }
            guard let reached = entry.version, let points = entry.points, reached >= version else { return false }
            return reached < total.version || (reached == total.version && points == total.points)
        }

        private var kind: Kind {
            guard total != nil else { return .extra }
            guard entry.points != nil, let reached = entry.version else { return .missing }
            return reached < version ? .stale : .different
        }

        func difference(_ merchant: String) -> Difference {
            Difference(
                merchant: merchant, customer: customer, kind: kind, boardPoints: entry.points, points: total?.points)
        }
    }
}
