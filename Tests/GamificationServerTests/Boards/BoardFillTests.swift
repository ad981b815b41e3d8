import Postgres
import Redis
import Synchronization
import TestSupport
import Testing

@testable import gamification_server

/// What changes boards: totals by version, and fills while updates go on.
@Suite(ScratchRedis.requirement, ScratchPostgres.requirement, .blocking) struct BoardFillTests {
    private func total(_ number: Int, _ points: Int64, _ version: Int64) -> BoardTotal {
        BoardTotal(customer: BoardStage.customer(number), points: points, version: version)
    }

    private func sessions(_ stage: BoardStage) -> BoardSessions {
        BoardSessions(postgres: stage.session, redis: stage.redis, keys: stage.keys)
    }

    @Test func anOlderVersionNeverReplacesANewerOne() async throws {
        let stage = try await BoardStage()
        #expect(try stage.set([total(1, 10, 3), total(2, 5, 1)]) == 2)
        #expect(try stage.set([total(1, 4, 2), total(1, 4, 3), total(2, 6, 2)]) == 1)
        #expect(try stage.board() == [BoardStage.customer(1): 10, BoardStage.customer(2): 6])
        // Versions are compared as numbers: 10 is newer than 9.
        #expect(try stage.set([total(1, 11, 10)]) == 1)
        #expect(try stage.set([total(1, 12, 9)]) == 0)
        #expect(try stage.set([]) == 0)
        let many = (0..<1_777).map { total($0, Int64($0), 20) }
        #expect(BoardScripts.setTotals(stage.keys, merchant: stage.merchant, many).count == 4)
        #expect(try stage.set(many) == 1_777)
        #expect(try stage.board().count == 1_777)
    }

    @Test func largestAndSmallestPointsAreKeptExactly() async throws {
        let stage = try await BoardStage()
        let (low, high) = (BoardPlace.pointsRange.lowerBound, BoardPlace.pointsRange.upperBound)
        try stage.set([total(1, high, high), total(2, low, 1), total(3, high - 1, 1)])
        #expect(try stage.set([total(1, 1, high - 1)]) == 0)
        #expect(Set(try stage.board().values) == [high, low, high - 1])
    }

    @Test func fillsFromTheDatabaseAndForgetsTheRepair() async throws {
        let stage = try await BoardStage()
        let totals = (0..<1_200).map { total($0, Int64($0 % 7), 2) }
        try stage.store(totals)
        // Left over from before: nobody's any more.
        try stage.set([total(5_000, 9, 9)])
        try stage.session.query("INSERT INTO board_repairs (merchant_id) VALUES (gen_random_uuid())")
        var parameters = PostgresParameters()
        let merchant = try #require(PostgresUUID(stage.merchant))
        parameters.add([merchant])
        for _ in 0..<2 { try stage.session.query(LedgerStatements.repairs, parameters) }
        #expect(try sessions(stage).fill(merchant, epoch: 7) == .filled(customers: 1_200))
        #expect(try stage.board() == Dictionary(uniqueKeysWithValues: totals.map { ($0.customer, $0.points) }))
        #expect(try sessions(stage).isFilled(merchant, epoch: 7))
        #expect(try stage.session.query("SELECT count(*) FROM board_repairs").integer(0, 0) == 1)
        // A merchant without a customer has a board too.
        let nobody = try #require(PostgresUUID(BoardStage.uuid()))
        #expect(try sessions(stage).fill(nobody, epoch: 7) == .filled(customers: 0))
        #expect(try sessions(stage).isFilled(nobody, epoch: 7))
    }

    @Test func aFillerThatWasOvertakenSaysNothing() async throws {
        let stage = try await BoardStage()
        func finish(_ token: String) throws -> Int64? {
            try stage.redis.run(
                BoardScripts.finish(stage.keys, merchant: stage.merchant, token: token, epoch: 1)
            ).number
        }
        try stage.redis.run(BoardScripts.begin(stage.keys, merchant: stage.merchant, token: "a"))
        try stage.redis.run(BoardScripts.begin(stage.keys, merchant: stage.merchant, token: "b"))
        #expect(try finish("a") == 0)
        #expect(try stage.page(size: 1) == .notFilled)
        #expect(try finish("b") == 1)
        #expect(try finish("b") == 0)
        #expect(try stage.page(size: 1) != .notFilled)
    }

    /// A writer that commits and then sets the board, as the saga does, beside fillers that get in each other's way.
    @Test func updatesThatGoOnAreOnTheBoardAfterwards() async throws {
        let stage = try await BoardStage()
        let merchant = try #require(PostgresUUID(stage.merchant))
        try stage.store((0..<1_500).map { total($0, 1, 1) })
        let database = try stage.session.query("SELECT current_database()").text(0, 0) ?? ""
        let server = try await ScratchPostgres.shared()
        let isDone = Mutex(false)
        let merchantName = stage.merchant
        let keys = stage.keys
        let port = try await ScratchRedis.shared().port
        let writer = Task.detached {
            let session = try PostgresSession(
                PostgresConfiguration(server.conninfo(database: database), applicationName: "writer"))
            let redis = try RedisSession(
                RedisConfiguration([.init(host: "127.0.0.1", port: Int(port))], clientName: "writer"))
            var written = 0
            while !isDone.withLock({ $0 }) {
                let customers = (0..<20).map { _ in Int.random(in: 0..<2_000) }
                var parameters = PostgresParameters()
                parameters.add(merchantName)
                parameters.add(Set(customers).sorted().compactMap { PostgresUUID(BoardStage.customer($0)) })
                let rows = try session.query(
                    """
                    INSERT INTO customer_points (merchant_id, customer_id, points, swept, version)
                    SELECT $1::uuid, unnest($2::uuid[]), 1, 1, 1
                    ON CONFLICT (merchant_id, customer_id) DO UPDATE
                    SET points = customer_points.points + 1, swept = customer_points.swept + 1,
                        version = customer_points.version + 1
                    RETURNING customer_id, points, version
                    """, parameters, format: .binary)
                let totals = BoardStatements.totals(rows)
                for result in try redis.run(pipeline: BoardScripts.setTotals(keys, merchant: merchantName, totals)) {
                    _ = try result.get()
                }
                written += totals.count
            }
            return written
        }
        var outcomes: [BoardFill.Outcome] = []
        for _ in 0..<5 {
            let first = BoardSessions(postgres: stage.session, redis: stage.redis, keys: stage.keys)
            outcomes.append(try first.fill(merchant, epoch: 3))
        }
        isDone.withLock { $0 = true }
        #expect(try await writer.value > 0)
        #expect(outcomes.allSatisfy { $0 != .overtaken })
        let verifier = BoardVerifier(sessions: sessions(stage), settle: .zero, isStopped: { false })
        try stage.session.query("UPDATE leaderboard_epoch SET epoch = 3")
        let report = try verifier.verify(merchant)
        #expect(report.isFilled)
        #expect(report.customers >= 1_500)
        #expect(report.differences == [])
    }
}
