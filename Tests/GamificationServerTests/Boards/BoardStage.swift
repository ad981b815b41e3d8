import Crypto
import Postgres
import Redis
import TestSupport

@testable import gamification_server

/// A database of the test's own with all migrations, a Redis, and a merchant that nobody else has.
final class BoardStage {
    let session: PostgresSession
    let redis: RedisSession
    let keys: RedisKeys
    let merchant = uuid()

    init(redis server: ScratchRedis? = nil, style: RedisKeyStyle = .plain) async throws {
        let postgres = try await ScratchPostgres.shared()
        let name = try await postgres.createDatabase("boards")
        session = try PostgresSession(
            PostgresConfiguration(postgres.conninfo(database: name), applicationName: "boards test"))
        try Migrator(session, MigrationFolder.read(ServiceHome.packageRoot + "/migrations")).apply()
        let used: ScratchRedis
        if let server { used = server } else { used = try await ScratchRedis.shared() }
        redis = try RedisSession(
            RedisConfiguration([.init(host: "127.0.0.1", port: Int(used.port))], clientName: "boards test"))
        keys = RedisKeys(style)
    }

    /// A random UUID.
    static func uuid() -> String {
        PostgresUUID(high: .random(in: 0 ... .max), low: .random(in: 0 ... .max)).description
    }

    /// A customer whose id sorts by its number.
    static func customer(_ number: Int) -> String {
        PostgresUUID(high: 0, low: UInt64(number)).description
    }

    /// Puts totals into `customer_points`.
    func store(_ totals: [BoardTotal], merchant: String? = nil) throws {
        for total in totals {
            var parameters = PostgresParameters()
            for text in [merchant ?? self.merchant, total.customer] { parameters.add(text) }
            for number in [total.points, total.version] { parameters.add(number as Int64?) }
            try session.send(
                """
                INSERT INTO customer_points (merchant_id, customer_id, points, swept, version) VALUES ($1, $2, $3, $3, $4)
                ON CONFLICT (merchant_id, customer_id)
                DO UPDATE SET points = excluded.points, swept = excluded.swept, version = excluded.version
                """, parameters)
        }
        try session.finish()
    }

    /// Sets totals on the board; how many were set.
    @discardableResult
    func set(_ totals: [BoardTotal]) throws -> Int {
        var count = 0
        for result in try redis.run(pipeline: BoardScripts.setTotals(keys, merchant: merchant, totals)) {
            count += Int(try result.get().number ?? -1)
        }
        return count
    }

    /// Says that the board is filled.
    func fill(_ totals: [BoardTotal], epoch: Int64 = 1) throws {
        try redis.run(BoardScripts.begin(keys, merchant: merchant, token: "t"))
        try set(totals)
        try redis.run(BoardScripts.finish(keys, merchant: merchant, token: "t", epoch: epoch))
    }

    func page(after place: BoardPlace? = nil, size: Int, epoch: Int64 = 1) throws -> BoardReading? {
        BoardReading(
            try redis.run(BoardQueries.page(keys, merchant: merchant, epoch: epoch, after: place, size: size)))
    }

    func around(_ customer: String, size: Int, epoch: Int64 = 1) throws -> BoardReading? {
        BoardReading(
            try redis.run(
                BoardQueries.around(keys, merchant: merchant, epoch: epoch, customer: customer, size: size)))
    }

    /// What the board holds, by customer.
    func board() throws -> [String: Int64] {
        var command = RedisCommand("ZRANGE", key: BoardKeys(keys, merchant: merchant).board)
        for text in ["0", "-1", "WITHSCORES"] { command.add(text) }
        let parts = try redis.run(command).elements ?? []
        var found: [String: Int64] = [:]
        for index in stride(from: 0, to: parts.count, by: 2) {
            found[parts[index].text ?? ""] = parts[index + 1].number
        }
        return found
    }
}

/// The board computed the plain way.
struct ReferenceBoard {
    let sorted: [(customer: String, points: Int64)]

    init(_ totals: [BoardTotal]) {
        sorted = totals.map { ($0.customer, $0.points) }.sorted { ($1.points, $0.customer) < ($0.points, $1.customer) }
    }

    func entries(_ range: Range<Int>) -> [BoardPage.Entry] {
        range.clamped(to: 0..<sorted.count).map { index in
            let above = sorted.count { $0.points > sorted[index].points }
            return .init(customer: sorted[index].customer, points: sorted[index].points, rank: Int64(above) + 1)
        }
    }
}

/// Pages read from PostgreSQL.
enum BoardDatabasePage {
    static func read(_ stage: BoardStage, after place: BoardPlace?, size: Int) throws -> BoardPage? {
        guard let merchant = PostgresUUID(stage.merchant) else { return nil }
        let parameters = BoardStatements.pageParameters(merchant: merchant, after: place, size: size)
        let result = try stage.session.query(BoardStatements.page, parameters, format: .binary)
        var one = PostgresParameters()
        one.add(merchant)
        let count = try stage.session.query(BoardStatements.count, one, format: .binary).binaryInteger(0, 0)
        return BoardPage(page: result, size: size, count: count ?? -1)
    }

    static func around(_ stage: BoardStage, _ customer: String, size: Int) throws -> BoardPage? {
        guard let merchant = PostgresUUID(stage.merchant), let customer = PostgresUUID(customer) else { return nil }
        let parameters = BoardStatements.aroundParameters(merchant: merchant, customer: customer, size: size)
        return BoardPage(around: try stage.session.query(BoardStatements.around, parameters, format: .binary))
    }
}
