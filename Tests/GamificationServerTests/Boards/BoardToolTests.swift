import Postgres
import Redis
import TestSupport
import Testing

@testable import gamification_server

/// What `verify-leaderboard` and `rebuild-leaderboard` find and mend.
@Suite(ScratchRedis.requirement, ScratchPostgres.requirement, .blocking) struct BoardToolTests {
    private func total(_ number: Int, _ points: Int64, _ version: Int64 = 1) -> BoardTotal {
        BoardTotal(customer: BoardStage.customer(number), points: points, version: version)
    }

    private func sessions(_ stage: BoardStage) -> BoardSessions {
        BoardSessions(postgres: stage.session, redis: stage.redis, keys: stage.keys)
    }

    private func ledger(_ stage: BoardStage, _ number: Int, _ points: Int64) throws {
        var parameters = PostgresParameters()
        for text in [stage.merchant, BoardStage.customer(number)] { parameters.add(text) }
        parameters.add(points as Int64?)
        try stage.session.query(
            """
            INSERT INTO points_ledger (event_id, merchant_id, customer_id, points, created_at)
            VALUES (gen_random_uuid(), $1, $2, $3, now())
            """, parameters)
    }

    @Test func namesEveryKindOfDifference() async throws {
        let stage = try await BoardStage()
        let merchant = try #require(PostgresUUID(stage.merchant))
        let totals = (0..<600).map { total($0, Int64($0), 2) }
        try stage.store(totals)
        let verifier = BoardVerifier(sessions: sessions(stage), settle: .milliseconds(60), isStopped: { false })
        #expect(try verifier.verify(merchant) == .init(isFilled: false, customers: 0, differences: [], count: 0))
        try stage.fill(totals)
        #expect(try verifier.verify(merchant) == .init(isFilled: true, customers: 600, differences: [], count: 0))
        // Behind the writer's back.
        let keys = BoardKeys(stage.keys, merchant: stage.merchant)
        try stage.redis.run(RedisCommand("ZREM", key: keys.board, BoardStage.customer(1)))
        try stage.redis.run(RedisCommand("ZADD", key: keys.board, "7777", BoardStage.customer(2)))
        try stage.redis.run(RedisCommand("ZADD", key: keys.board, "8", "not-a-uuid"))
        try stage.redis.run(RedisCommand("HSET", key: keys.versions, BoardStage.customer(3), "1"))
        try stage.set([total(4, 4, 9), total(9_999, 3)])
        let report = try verifier.verify(merchant)
        #expect(report.count == 6)
        let found = Dictionary(uniqueKeysWithValues: report.differences.map { ($0.customer, $0.kind) })
        #expect(
            found == [
                BoardStage.customer(1): .missing, BoardStage.customer(2): .different, BoardStage.customer(3): .stale,
                BoardStage.customer(4): .different, BoardStage.customer(9_999): .extra, "not-a-uuid": .extra,
            ])
        #expect(report.differences.first { $0.kind == .missing }?.points == 1)
        #expect(try sessions(stage).fill(merchant, epoch: 1) == .filled(customers: 600))
        #expect(try verifier.verify(merchant).differences == [])
    }

    @Test func findsAndMendsTotalsThatAreNotTheirParts() async throws {
        let stage = try await BoardStage()
        let merchant = try #require(PostgresUUID(stage.merchant))
        // Swept and points are equal in what is stored.
        try stage.store([total(1, 10), total(2, 20), total(3, 30)])
        #expect(try BoardAudit.find(stage.session, merchant).count == 0)
        try ledger(stage, 1, 5)
        try ledger(stage, 2, 5)
        try ledger(stage, 4, 7)
        try stage.session.query("UPDATE customer_points SET points = 25 WHERE points = 20")
        let found = try BoardAudit.find(stage.session, merchant)
        #expect(found.count == 2)
        #expect(
            found.listed.map { [$0.points, $0.swept, $0.ledger] } == [[10, 10, 5], [0, 0, 7]])
        #expect(try BoardAudit.find(stage.session, nil).listed == found.listed)
        #expect(try BoardAudit.find(stage.session, PostgresUUID(BoardStage.uuid())).count == 0)
        #expect(try BoardAudit.mend(stage.session, found.listed) == 2)
        #expect(try BoardAudit.find(stage.session, nil).count == 0)
        #expect(try BoardAudit.mend(stage.session, found.listed) == 0)
        let rows = try stage.session.query("SELECT points, version FROM customer_points ORDER BY customer_id")
        #expect((0..<4).map { rows.integer($0, 0) } == [15, 25, 30, 7])
        // The board is told by the version that rose.
        #expect((0..<4).map { rows.integer($0, 1) } == [2, 1, 1, 1])
    }

    @Test func goesFromMerchantToMerchant() async throws {
        let stage = try await BoardStage()
        var merchants: [String] = []
        for _ in 0..<5 {
            let merchant = BoardStage.uuid()
            merchants.append(merchant)
            try stage.store((0..<30).map { total($0, 1) }, merchant: merchant)
        }
        let found = try sessions(stage).merchants(after: nil)
        #expect(found.map(\.description) == merchants.sorted())
        #expect(try sessions(stage).merchants(after: found[2]) == Array(found[3...]))
        #expect(try sessions(stage).merchants(after: found[4]) == [])
    }

    @Test func theEpochRisesWhenRedisIsAnother() async throws {
        let stage = try await BoardStage()
        func raise(_ replication: String, _ run: String) throws -> Int64? {
            var parameters = PostgresParameters()
            for text in [replication, run] { parameters.add(text) }
            return try stage.session.query(BoardStatements.raiseIfChanged, parameters, format: .binary)
                .binaryInteger(0, 0)
        }
        #expect(try raise("a", "1") == 2)
        #expect(try raise("a", "1") == nil)
        #expect(try raise("a", "2") == 3)
        #expect(try raise("b", "2") == 4)
        #expect(try raise("b", "2") == nil)
        #expect(try sessions(stage).epoch() == 4)
    }
}
