import Postgres
import TestSupport
import Testing

@testable import gamification_server

/// What the sweepers of a server as a process do.
@Suite(ScratchRedis.requirement, ScratchPostgres.requirement, .blocking) struct SweeperTests {
    private let merchant = BoardStage.uuid()

    private func run(_ session: PostgresSession, _ statement: PostgresStatement, _ texts: String?...) throws {
        var parameters = PostgresParameters()
        for text in texts { parameters.add(text) }
        try session.query(statement, parameters)
    }

    private func count(_ session: PostgresSession, _ statement: PostgresStatement) throws -> Int64? {
        try session.query(statement).integer(0, 0)
    }

    /// Rows of every table that is swept, some old enough and some not.
    private func prepare(_ session: PostgresSession) throws {
        try run(session, "INSERT INTO merchants (id) VALUES ($1)", merchant)
        for age in ["25 hours", "23 hours"] {
            try run(
                session,
                """
                INSERT INTO processed_events (event_id, merchant_id, event_type, created_at)
                SELECT gen_random_uuid(), $1::uuid, 'badge.awarded', now() - $2::interval FROM generate_series(1, 2500)
                """, merchant, age)
        }
        for age in ["91 days", "89 days"] {
            try run(
                session,
                """
                INSERT INTO points_ledger (event_id, merchant_id, customer_id, points, created_at)
                SELECT gen_random_uuid(), $1::uuid, ('00000000-0000-0000-0000-00000000000' || n % 7)::uuid, n % 5,
                    now() - $2::interval
                FROM generate_series(1, 2500) AS n
                """, merchant, age)
        }
        try session.query(
            """
            INSERT INTO customer_points (merchant_id, customer_id, points, swept, version)
            SELECT merchant_id, customer_id, sum(points), 0, 1 FROM points_ledger GROUP BY 1, 2
            """)
    }

    @Test func oldRowsGoAndTotalsStayWhatTheyAreMadeOf() async throws {
        let server = try await ServerProcess()
        let session = try server.session()
        try prepare(session)
        #expect(
            try await eventually(deadline: 90) {
                try count(session, "SELECT count(*) FROM processed_events") == 2_500
                    && count(session, "SELECT count(*) FROM points_ledger") == 2_500
            })
        #expect(try BoardAudit.find(session, nil).count == 0)
        #expect(try count(session, "SELECT sum(swept)::bigint FROM customer_points") == 5_000)
        #expect(try count(session, "SELECT sum(points)::bigint FROM customer_points") == 10_000)
    }

    @Test func boardsInNeedOfRepairAreFilled() async throws {
        let server = try await ServerProcess()
        let session = try server.session()
        try run(
            session,
            "INSERT INTO customer_points (merchant_id, customer_id, points, swept, version) VALUES ($1, $2, 8, 8, 3)",
            merchant, BoardStage.customer(1))
        // It missed the update: filled, and without the customer.
        let epoch = try await server.redis.cli("HSET", "leaderboard_version:\(merchant)", "filled", "2")
        #expect(epoch == "1")
        try run(session, "INSERT INTO board_repairs (merchant_id) VALUES ($1)", merchant)
        #expect(
            await eventually {
                (try? await server.redis.cli("ZSCORE", "leaderboard:\(merchant)", BoardStage.customer(1))) == "8"
            })
        #expect(try count(session, "SELECT count(*) FROM board_repairs") == 0)
    }

    @Test func purgesThatNobodyFinishedAre() async throws {
        let server = try await ServerProcess()
        let session = try server.session()
        let event = BoardStage.uuid()
        try run(session, "INSERT INTO merchants (id) VALUES ($1)", merchant)
        // 1,500 before the request, three after it.
        for (rows, age) in [("1500", "2 hours"), ("3", "0 hours")] {
            try run(
                session,
                """
                INSERT INTO processed_events (event_id, merchant_id, event_type, created_at)
                SELECT gen_random_uuid(), $1::uuid, 'badge.task', now() - $2::interval
                FROM generate_series(1, $3::integer)
                """, merchant, age, rows)
        }
        for (badge, age, published) in [("old", "3 hours", "1 hour"), ("new", "0 hours", "0 hours")] {
            try run(
                session,
                """
                INSERT INTO badge_awards
                    (merchant_id, customer_id, badge, event_id, locale, awarded_at, trace_id, published_at)
                VALUES ($1, $2, $3, gen_random_uuid(), 'en', now() - $4::interval, 'trace', now() - $5::interval)
                """, merchant, BoardStage.customer(1), badge, age, published)
        }
        try run(
            session,
            """
            INSERT INTO purge_requests (event_id, merchant_id, requested_at, trace_id)
            VALUES ($1, $2, now() - interval '1 hour', '0af7651916cd43dd8448eb211c80319c')
            """, event, merchant)
        #expect(
            try await eventually(deadline: 90) {
                try count(session, "SELECT count(*) FROM purge_requests WHERE done_at IS NOT NULL") == 1
            })
        #expect(try count(session, "SELECT purged FROM purge_requests") == 1_500)
        #expect(try count(session, "SELECT count(*) FROM processed_events") == 3)
        let kept = try session.query("SELECT badge FROM badge_awards WHERE trace_id IS NOT NULL ORDER BY badge")
        #expect((0..<kept.rowCount).map { kept.text($0, 0) } == ["new"])
        let log = try await ProcessRunner.output(of: [
            "kcat", "-b", server.standIns.kafka, "-C", "-t", "audit_log", "-o", "beginning", "-e", "-q", "-f",
            "%k %s\n",
        ])
        #expect(log.hasPrefix(merchant))
        #expect(log.contains(event) && log.contains("0af7651916cd43dd8448eb211c80319c"))
    }

    @Test func invalidationsThatWereLeftAreFinished() async throws {
        let server = try await ServerProcess()
        let session = try server.session()
        try await server.redis.cli("SET", "translations:badge.x:en", "1.0.0|Old")
        try session.query(
            """
            INSERT INTO translation_invalidations (key, locale, created_at)
            VALUES ('badge.x', 'en', now() - interval '2 minutes'), ('badge.y', 'en', now())
            """)
        #expect(
            try await eventually(deadline: 90) {
                try count(session, "SELECT count(*) FROM translation_invalidations") == 1
            })
        #expect(try await server.redis.cli("EXISTS", "translations:badge.x:en") == "0")
        let told = try await ProcessRunner.output(of: [
            "kcat", "-b", server.standIns.kafka, "-C", "-t", "cache.invalidate", "-o", "beginning", "-e", "-q", "-f",
            "%k\n",
        ])
        #expect(told == "translations:badge.x:en\n")
    }

    @Test func oneInstanceSweepsAtATime() async throws {
        let server = try await ServerProcess()
        let session = try server.session()
        // Another instance has the lock.
        var key = PostgresParameters()
        key.add(SweepStatements.lockKey as Int64?)
        // A pass that is under way may have it for a moment.
        #expect(try await eventually { try session.query(SweepStatements.lock, key).integer(0, 0) == 1 })
        try run(session, "INSERT INTO board_repairs (merchant_id) VALUES ($1)", merchant)
        // A read of the same database comes through, and a second of sweeps goes by.
        let before = try await server.metric("gamification_boards_filled_total") ?? 0
        let start = monotonicSeconds()
        #expect(await eventually { monotonicSeconds() > start + 5 })
        #expect(try count(session, "SELECT count(*) FROM board_repairs") == 1)
        #expect(try await server.metric("gamification_boards_filled_total") ?? 0 == before)
        try session.query(SweepStatements.unlock, key)
        #expect(try await eventually { try count(session, "SELECT count(*) FROM board_repairs") == 0 })
    }
}
