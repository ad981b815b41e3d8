import TestSupport

/// The boards as Redis has them.
struct Boards {
    private let stack: ServerStack

    init(_ stack: ServerStack) { self.stack = stack }

    /// Whether every merchant with points has a board that is filled in the present epoch.
    func areFilled() async throws -> Bool {
        let rows = try await stack.sql(
            "SELECT epoch, array_to_string(array(SELECT DISTINCT merchant_id FROM customer_points), ' ') "
                + "FROM leaderboard_epoch"
        ).split(separator: "|")
        guard rows.count == 2 else { return false }
        for merchant in rows[1].split(separator: " ") {
            guard try await stack.redis.cli("HGET", "leaderboard_version:\(merchant)", "filled") == rows[0] else {
                return false
            }
        }
        return try await stack.sql("SELECT count(*) FROM board_repairs") == "0"
    }

    /// Points by customer.
    func board(of merchant: String) async throws -> [String: Int64] {
        let lines = try await stack.redis.cli("ZRANGE", "leaderboard:\(merchant)", "0", "-1", "WITHSCORES")
            .split(separator: "\n")
        var found: [String: Int64] = [:]
        for index in stride(from: 0, to: lines.count - 1, by: 2) {
            found[String(lines[index])] = Int64(lines[index + 1])
        }
        return found
    }
}
