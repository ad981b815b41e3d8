import Postgres
import TestSupport
import Testing

/// Boards that nobody asks for, on a Redis that loses them.
@Suite(ScratchRedis.requirement, ScratchPostgres.requirement, .blocking) struct BoardSweepTests {
    private static let merchants = 150

    /// Boards that Redis has, and customers on them.
    private func boards(_ server: ServerProcess) async throws -> (count: Int, customers: Int) {
        let script = """
            local customers = 0
            local names = redis.call('KEYS', 'leaderboard:*')
            for _, name in ipairs(names) do customers = customers + redis.call('ZCARD', name) end
            return #names .. ' ' .. customers
            """
        let numbers = (try? await server.redis.cli("EVAL", script, "0"))?.split(separator: " ").compactMap { Int($0) }
        guard let numbers, numbers.count == 2 else { return (0, 0) }
        return (numbers[0], numbers[1])
    }

    private func areFilled(_ server: ServerProcess) async throws -> Bool {
        try await eventually(deadline: 90) { try await boards(server) == (Self.merchants, Self.merchants * 3) }
    }

    @Test("Boards are filled without being asked: at the start, after FLUSHALL, after Redis came back empty")
    func unasked() async throws {
        let server = try await ServerProcess()
        let session = try server.session()
        try session.query(
            """
            INSERT INTO customer_points (merchant_id, customer_id, points, swept, version)
            SELECT ('00000000-0000-4000-8000-' || lpad(m::text, 12, '0'))::uuid,
                ('00000000-0000-4000-9000-' || lpad(c::text, 12, '0'))::uuid, c, c, 1
            FROM generate_series(1, 150) AS m, generate_series(1, 3) AS c
            """)
        #expect(try await areFilled(server), "\(server.process.errors)")
        try await server.redis.cli("FLUSHALL")
        #expect(try await areFilled(server), "\(server.process.errors)")
        try await server.redis.kill()
        try await server.redis.resume()
        #expect(try await areFilled(server), "\(server.process.errors)")
        #expect(try await server.metric("gamification_boards_filled_total") ?? 0 >= Double(3 * Self.merchants))
    }
}
