import Lifecycle
import Postgres
import Testing
import TestSupport

@Suite("Pool", ScratchPostgres.requirement, .blocking)
struct PoolTests {
    /// Drives the pool as an event loop would, until `condition` holds.
    private func drive(_ pool: PostgresPool, until condition: () -> Bool) -> Bool {
        eventuallyBlocking {
            for member in pool.members {
                guard let connection = member.connection, connection.descriptor >= 0 else { continue }
                let soon = MonotonicInstant.now().advanced(by: 2_000_000)
                connection.advance(
                    DescriptorWait.wait(connection.descriptor, for: connection.interest, until: soon))
            }
            _ = pool.advance(at: .now())
            return condition()
        }
    }

    @Test("Connections are lent one to one, and come back")
    func lending() async throws {
        let pool = PostgresPool(try await Database().configuration, size: 2, at: .now())
        let isUp = drive(pool) { pool.upCount == 2 }
        #expect(isUp)
        let first = try #require(pool.lend())
        let second = try #require(pool.lend())
        #expect(first.index != second.index)
        #expect(pool.lend() == nil)
        let connection = try #require(first.connection)
        try connection.submit("SELECT 41 + 1")
        try connection.sync()
        var answer: Int64?
        let isAnswered = eventuallyBlocking {
            let soon = MonotonicInstant.now().advanced(by: 2_000_000)
            connection.advance(DescriptorWait.wait(connection.descriptor, for: connection.interest, until: soon))
            while let event = connection.take() {
                if case .result(_, let result) = event { answer = result.integer(0, 0) }
                if case .synced = event { return true }
            }
            return false
        }
        #expect(isAnswered)
        #expect(answer == 42)
        pool.giveBack(first.index, at: .now())
        #expect(pool.lend()?.index == first.index)
    }

    @Test("A server that dies and comes back is connected to again by itself")
    func reconnects() async throws {
        let server = try await ScratchPostgres.start()
        let pool = PostgresPool(
            try PostgresConfiguration(server.conninfo(), applicationName: "test"), size: 2, at: .now())
        var isUp = drive(pool) { pool.upCount == 2 }
        #expect(isUp)
        try await server.kill()
        let isDown = drive(pool) { pool.upCount == 0 && pool.lastError != nil }
        #expect(isDown)
        #expect(pool.lend() == nil)
        try await server.resume()
        isUp = drive(pool) { pool.upCount == 2 }
        #expect(isUp)
        #expect(pool.lastError == nil)
    }

    @Test("An attempt that is taken and never answered is given up, and another is made")
    func silence() throws {
        let silent = try SilentServer()
        let pool = PostgresPool(
            try PostgresConfiguration("host=127.0.0.1 port=\(silent.port) user=u dbname=d", applicationName: "test"),
            size: 1, connectTimeout: 100_000_000, at: .now())
        let isGivenUp = drive(pool) { pool.lastError?.kind == .timedOut }
        #expect(isGivenUp)
        let before = pool.members.first?.connection
        let isTriedAgain = drive(pool) { pool.members.first?.connection.map { $0 !== before } ?? false }
        #expect(isTriedAgain)
        withExtendedLifetime(silent) {}
    }
}
