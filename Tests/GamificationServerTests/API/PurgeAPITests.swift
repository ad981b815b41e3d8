import EventLoop
import GRPC
import GamificationProtocol
import Kafka
import LoopTestSupport
import Observability
import Postgres
import TestSupport
import Testing

@testable import gamification_server

/// `PurgeAuditLogs` with tokens that are judged.
@Suite(ScratchPostgres.requirement, .blocking) struct PurgeAPITests {
    final class Stage {
        let postgres: LoopPostgres
        let kafka: LoopProducer
        var api: PurgeAPI
        var schemaID: Int32? = 9
        var judged: [String] = []

        init(_ loop: EventLoop, _ configuration: PostgresConfiguration, brokers: String) throws {
            postgres = try LoopPostgres(loop, configuration, size: 2)
            let log = Logger(level: .error, format: .text)
            kafka = try LoopProducer(
                loop, KafkaConfiguration(bootstrapServers: brokers, clientID: "purge test"), log: log)
            var id: () -> Int32? = { nil }
            let purges = try Purges(postgres: postgres, kafka: kafka) { id() }
            api = PurgeAPI(purges: purges)
            id = { [unowned self] in schemaID }
            api.judge = { [unowned self] token, merchant, completion in
                judged.append(token)
                completion(token == "good" ? .ok : GRPCStatus(.permissionDenied, "another merchant's"))
            }
        }
    }

    private let merchant = BoardStage.uuid()

    private func ask(
        _ loop: LoopThread<Stage>, token: String = "good", merchant: String? = nil
    ) async throws -> Result<PurgeAuditLogsResponse, GRPCStatus> {
        let request = PurgeAuditLogsRequest(merchantID: merchant ?? self.merchant, jwtToken: token)
        return try await loop.wait { stage, done in stage.api.answer(request, traceID: "trace") { done($0) } }
    }

    private func code(_ answer: Result<PurgeAuditLogsResponse, GRPCStatus>) -> GRPCCode {
        if case .failure(let status) = answer { status.code } else { .ok }
    }

    @Test func purgesForACallerWhoMay() async throws {
        let board = try await BoardStage()
        let database = try #require(try board.session.query("SELECT current_database()").text(0, 0))
        let standIns = try await StandIns(["--topic", "audit_log:1"])
        let conninfo = try await ScratchPostgres.shared().conninfo(database: database)
        let loop = try await LoopThread { loop in
            try Stage(
                loop, PostgresConfiguration(conninfo, applicationName: "purge test"), brokers: standIns.kafka)
        }
        var parameters = PostgresParameters()
        parameters.add(merchant)
        try board.session.query("INSERT INTO merchants (id) VALUES ($1)", parameters)
        try board.session.query(
            """
            INSERT INTO processed_events (event_id, merchant_id, event_type)
            SELECT gen_random_uuid(), $1, 'badge.awarded' FROM generate_series(1, 2001)
            """, parameters)
        try board.session.query(
            """
            INSERT INTO badge_awards (merchant_id, customer_id, badge, event_id, locale, trace_id, published_at)
            SELECT $1, gen_random_uuid(), badge, gen_random_uuid(), 'en', 'trace', published
            FROM (VALUES ('sent', now()), ('unsent', NULL)) AS awards (badge, published)
            """, parameters)
        func stored() throws -> Int64? { try board.session.query("SELECT count(*) FROM purge_requests").integer(0, 0) }
        #expect(code(try await ask(loop, token: "")) == .unauthenticated)
        #expect(code(try await ask(loop, token: "other")) == .permissionDenied)
        #expect(code(try await ask(loop, merchant: "m")) == .invalidArgument)
        #expect(code(try await ask(loop, token: String(repeating: "t", count: 20_000))) == .invalidArgument)
        #expect(try stored() == 0)

        // The registry has not answered: what can be done is done, and the rest follows when it is asked for again.
        try await loop.run { $0.schemaID = nil }
        let early = try await ask(loop)
        #expect(code(early) == .unavailable)
        if case .failure(let status) = early { #expect(status.retryDelay != nil) }
        #expect(try board.session.query("SELECT count(*) FROM processed_events").integer(0, 0) == 0)
        try await loop.run { $0.schemaID = 9 }
        let answer = try await ask(loop).get()
        #expect(answer.status == .purged)
        #expect(answer.purged == 2_001)
        #expect(try stored() == 1)
        let row = try board.session.query("SELECT event_id, trace_id, done_at IS NOT NULL FROM purge_requests")
        #expect(row.text(0, 0) == answer.eventID)
        #expect(row.text(0, 1) == "trace")
        #expect(row.boolean(0, 2) == true)
        // What is not published yet keeps its trace, which its event needs.
        let traced = try board.session.query("SELECT badge FROM badge_awards WHERE trace_id IS NOT NULL")
        #expect((0..<traced.rowCount).map { traced.text($0, 0) } == ["unsent"])
        // The next one is another request.
        let next = try await ask(loop).get()
        #expect(next.eventID != answer.eventID)
        #expect(next.purged == 0)
        // Neither holds the token.
        let log = try await ProcessRunner.output(of: [
            "kcat", "-b", standIns.kafka, "-C", "-t", "audit_log", "-o", "beginning", "-e", "-q", "-f", "%k %s\n",
        ])
        #expect(log.contains(answer.eventID) && log.contains(next.eventID) && !log.contains("good"))
    }

    @Test func withoutAJudgeNobodyIsServed() async throws {
        let board = try await BoardStage()
        let database = try #require(try board.session.query("SELECT current_database()").text(0, 0))
        let conninfo = try await ScratchPostgres.shared().conninfo(database: database)
        let loop = try await LoopThread { loop in
            try Stage(loop, PostgresConfiguration(conninfo, applicationName: "purge test"), brokers: "127.0.0.1:1")
        }
        try await loop.run { $0.api.judge = nil }
        #expect(code(try await ask(loop)) == .unauthenticated)
        #expect(try board.session.query("SELECT count(*) FROM purge_requests").integer(0, 0) == 0)
    }
}
