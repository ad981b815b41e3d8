import GRPC
import GamificationProtocol
import LoopTestSupport
import Postgres
import TestSupport
import Testing

@testable import gamification_server

/// Boards and badges by gRPC and HTTP, of a server as a process.
@Suite(ScratchRedis.requirement, ScratchPostgres.requirement, .blocking) struct ReadAPITests {
    private let merchant = BoardStage.uuid()

    private func leaderboard(
        _ caller: GRPCCaller, size: Int32 = 0, token: String = "", around: String = "", merchant: String? = nil
    ) async throws -> GRPCCaller.Outcome<GetLeaderboardResponse> {
        try await caller.call(
            LeaderboardAPI.path,
            GetLeaderboardRequest(
                merchantID: merchant ?? self.merchant, pageSize: size, pageToken: token, aroundCustomerID: around),
            as: GetLeaderboardResponse.self)
    }

    private func store(_ session: PostgresSession, _ points: [Int64]) throws {
        for (number, points) in points.enumerated() {
            var parameters = PostgresParameters()
            for text in [merchant, BoardStage.customer(number)] { parameters.add(text) }
            parameters.add(points as Int64?)
            try session.query(
                """
                INSERT INTO customer_points (merchant_id, customer_id, points, swept, version) VALUES ($1, $2, $3, $3, 1)
                """, parameters)
        }
    }

    @Test func boardsFromTheDatabaseThenFromRedis() async throws {
        let server = try await ServerProcess()
        let caller = try await GRPCCaller(server.grpcAddress)
        let points = (0..<130).map { Int64($0 % 13) }
        try store(try server.session(), points)
        let totals = points.enumerated().map { BoardTotal(customer: BoardStage.customer($0), points: $1, version: 1) }
        let reference = ReferenceBoard(totals)
        func expect(_ range: Range<Int>, _ found: GetLeaderboardResponse) {
            let expected = reference.entries(range).map {
                LeaderboardEntry(customerID: $0.customer, points: $0.points, rank: $0.rank)
            }
            #expect(found.entries == expected)
            #expect(found.total == 130)
        }
        // Nobody has filled it yet; the first read after the server has seen whose Redis it is does.
        #expect(
            await eventually {
                guard let answer = try? await leaderboard(caller).answer.get() else { return false }
                expect(0..<50, answer)
                return (try? await server.metric("gamification_boards_filled_total")) == 1
            })
        let first = try await leaderboard(caller, size: 1_000).answer.get()
        expect(0..<100, first)
        let second = try await leaderboard(caller, size: 100, token: first.nextPageToken).answer.get()
        expect(100..<130, second)
        #expect(second.nextPageToken.isEmpty)
        let index = try #require(reference.sorted.firstIndex { $0.customer == BoardStage.customer(77) })
        let around = try await leaderboard(caller, size: 5, around: BoardStage.customer(77).uppercased()).answer.get()
        expect(index - 2..<index + 3, around)
        let hits = "gamification_leaderboard_latency_seconds_count{cache=\"hit\"}"
        #expect(try await server.metric(hits) ?? 0 >= 3)

        // A Redis that comes back empty is filled without being asked, and answers are right meanwhile.
        try await server.redis.kill()
        expect(0..<50, try await leaderboard(caller).answer.get())
        try await server.redis.resume()
        #expect(
            await eventually {
                guard let answer = try? await leaderboard(caller).answer.get() else { return false }
                expect(0..<50, answer)
                return (try? await server.metric("gamification_boards_filled_total")) == 2
            })
        let before = try await server.metric(hits) ?? 0
        expect(0..<50, try await leaderboard(caller).answer.get())
        #expect(try await server.metric(hits) == before + 1)
        #expect(try server.session().query("SELECT epoch FROM leaderboard_epoch").integer(0, 0) == 3)
    }

    @Test func requestsThatAreWrongAreToldWhatIs() async throws {
        let server = try await ServerProcess()
        let caller = try await GRPCCaller(server.grpcAddress)
        let outcomes = [
            try await leaderboard(caller, merchant: ""), try await leaderboard(caller, merchant: "m-1"),
            try await leaderboard(caller, size: -1), try await leaderboard(caller, token: "nonsense"),
            try await leaderboard(caller, around: "somebody"),
            try await leaderboard(
                caller, token: PageToken.encode(BoardPlace(points: 1, customer: BoardStage.uuid())),
                around: BoardStage.uuid()),
        ]
        for outcome in outcomes {
            #expect(outcome.code == .invalidArgument)
            if case .failure(let status) = outcome.answer, case .badRequest(let fields)? = status.details.first {
                #expect(!fields.isEmpty)
            } else {
                Issue.record("no details in \(outcome.answer)")
            }
        }
        #expect(try await leaderboard(caller, around: BoardStage.uuid()).code == .notFound)
        #expect(try await leaderboard(caller).answer.get() == GetLeaderboardResponse(entries: [], total: 0))
        for path in [LeaderboardAPI.path, BadgesAPI.path, PurgeAPI.path] {
            let outcome = try await caller.call(path, bytes: [0x0A, 0xFF, 1], as: GetBadgesResponse.self)
            #expect(outcome.code == .invalidArgument)
        }
        let purge = try await caller.call(
            PurgeAPI.path, PurgeAuditLogsRequest(merchantID: merchant, jwtToken: "a.b.c"),
            as: PurgeAuditLogsResponse.self)
        #expect(purge.code == .unauthenticated)
        #expect(try server.session().query("SELECT count(*) FROM purge_requests").integer(0, 0) == 0)
    }

    @Test func answersByHTTPAreAsDescribed() async throws {
        let server = try await ServerProcess()
        let api = try OpenAPI()
        #expect(api.paths == ["/health", "/ready", "/metrics", LeaderboardAPI.route, BadgesAPI.route])
        #expect(api.queryParameters(LeaderboardAPI.route) == ["page_size", "page_token", "around_customer_id"])
        #expect(api.queryParameters(BadgesAPI.route) == ["locale", "page_size", "page_token"])
        let session = try server.session()
        try store(session, [5, 3, 3, 1])
        try award(session)
        let board = "/v1/merchants/\(merchant)/leaderboard"
        let badges = "/v1/merchants/\(merchant)/customers/\(BoardStage.customer(1))/badges"
        func get(_ route: String, _ path: String) async throws -> (status: Int, body: String) {
            let answer = try await server.get(path)
            let mistakes = api.mistakes(route, status: answer.status, type: answer.type, body: answer.body)
            #expect(mistakes == [], "\(path)")
            return (answer.status, answer.body)
        }
        for path in ["/health", "/ready", "/metrics"] { #expect(try await get(path, path).status == 200) }
        #expect(try await get(LeaderboardAPI.route, board).body.contains(#""points":5,"rank":1"#))
        let page = try await get(LeaderboardAPI.route, board + "?page_size=2")
        let token = try #require(page.body.firstMatch(of: /"next_page_token":"([^"]+)"/)?.1)
        let rest = try await get(LeaderboardAPI.route, board + "?page_size=2&page_token=\(token)").body
        #expect(rest.contains(#""rank":2"#) && rest.contains(#""rank":4"#))
        let around = "?around_customer_id=\(BoardStage.customer(3))&page_size=1"
        #expect(try await get(LeaderboardAPI.route, board + around).body.contains(#""rank":4"#))
        #expect(
            try await get(LeaderboardAPI.route, board + "?around_customer_id=\(BoardStage.uuid())").status == 404)
        for bad in [
            "?page_size=0", "?page_size=x", "?size=3", "?page_size=1&page_size=2", "?page_token=%ff", "?page_token=x",
        ] {
            // A query that is no text is refused by the server itself.
            let answer = try await server.get(board + bad)
            #expect(answer.status == 400, "\(bad)")
            if bad != "?page_token=%ff" { #expect(try await get(LeaderboardAPI.route, board + bad).status == 400) }
        }
        #expect(try await get(LeaderboardAPI.route, "/v1/merchants/m-1/leaderboard").status == 400)
        let all = try await get(BadgesAPI.route, badges).body
        #expect(all.contains(#""badge":"badge.b","name":"badge.b","locale":"de""#))
        #expect(all.contains(#""awarded_at":"2026-03-01T10:00:00.250Z""#))
        #expect(try await get(BadgesAPI.route, badges + "?locale=pt-BR").body.contains(#""name":"Ouro","locale":"pt""#))
        #expect(try await get(BadgesAPI.route, badges + "?locale=x%20y").status == 400)
        #expect(try await server.get("/v1/nothing").status == 404)
        try await pagesOfBadges(get, badges)
    }

    private func award(_ session: PostgresSession) throws {
        for (key, locale, value, version) in [
            ("badge.a", "en", "Silver", "1.9.0"), ("badge.a", "en", "Gold", "1.10.0"),
            ("badge.a", "pt", "Ouro", "1.0.0"),
        ] {
            var parameters = PostgresParameters()
            for text in [key, locale, value, version] { parameters.add(text) }
            try session.query(
                "INSERT INTO translations (key, locale, value, version) VALUES ($1, $2, $3, $4)", parameters)
        }
        for (badge, locale) in [("badge.a", "en"), ("badge.b", "de"), ("badge.c", "en")] {
            var parameters = PostgresParameters()
            for text in [merchant, BoardStage.customer(1), badge, locale] { parameters.add(text) }
            try session.query(
                """
                INSERT INTO badge_awards (merchant_id, customer_id, badge, event_id, locale, awarded_at)
                VALUES ($1, $2, $3, gen_random_uuid(), $4, '2026-03-01T10:00:00.250Z')
                """, parameters)
        }
    }

    private func pagesOfBadges(
        _ get: (String, String) async throws -> (status: Int, body: String), _ path: String
    ) async throws {
        var token = ""
        var found: [String] = []
        repeat {
            let suffix = token.isEmpty ? "" : "&page_token=\(token)"
            let body = try await get(BadgesAPI.route, path + "?page_size=1&locale=en" + suffix).body
            found.append(String(body.firstMatch(of: /"name":"([^"]+)"/)?.1 ?? "none"))
            token = String(body.firstMatch(of: /"next_page_token":"([^"]*)"/)?.1 ?? "")
        } while !token.isEmpty && found.count < 9
        #expect(found == ["Gold", "badge.b", "badge.c"])
    }
}
