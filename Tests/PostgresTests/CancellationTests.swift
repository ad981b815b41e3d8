import Lifecycle
import Postgres
import Synchronization
import Testing
import TestSupport

@Suite("Cancelling and losing", ScratchPostgres.requirement, .blocking)
struct CancellationTests {
    @Test("A statement beyond its time is cancelled, and the connection goes on")
    func deadline() async throws {
        let session = try await Database().session(.init(answer: .milliseconds(100)))
        for _ in 0..<5 {
            let error = postgresError { try session.query("SELECT pg_sleep(60)") }
            #expect(error?.kind == .cancelled)
            session.patience.answer = .seconds(30)
            // A cancellation that came late would hit this one.
            #expect(try session.query("SELECT 1").integer(0, 0) == 1)
            session.patience.answer = .milliseconds(100)
        }
    }

    @Test("A stop cancels what is under way")
    func stop() async throws {
        let stop = StopFlag()
        let database = try await Database()
        let session = try database.session(.init(isStopped: { stop.isSet }))
        let configuration = try database.configuration
        // A task of its own: a child would wait for this test's thread.
        let stopper = Task {
            await BlockingExecutor(name: "stopper").run {
                guard let other = try? PostgresSession(configuration) else { return }
                _ = eventuallyBlocking {
                    let found = try? other.query(
                        """
                        SELECT 1 FROM pg_stat_activity
                        WHERE query = 'SELECT pg_sleep(61)' AND state = 'active' AND datname = current_database()
                        """)
                    return found?.rowCount == 1
                }
                stop.set(.terminate)
            }
        }
        let start = MonotonicInstant.now()
        let error = postgresError { try session.query("SELECT pg_sleep(61)") }
        await stopper.value
        #expect(MonotonicInstant.now().seconds(since: start) < 50)
        #expect(error?.kind == .cancelled)
    }

    @Test("A session that an administrator ends fails as lost, and says that a retry may help")
    func terminated() async throws {
        let database = try await Database()
        let (session, other) = (try database.session(), try database.session())
        let pid = try session.query("SELECT pg_backend_pid()").text(0, 0)
        try other.query("SELECT pg_terminate_backend($1::int)", .texts(pid))
        let error = postgresError {
            try session.query("SELECT 1")
            try session.query("SELECT 1")
        }
        #expect(error?.kind == .connectionLost)
        #expect(error?.isRetriable == true)
        #expect(error?.endsConnection == true)
        let after = postgresError { try session.query("SELECT 1") }
        #expect(after?.kind == .connectionLost)
    }

    @Test("A server that is killed in the middle of a statement is a lost connection; restarted, it takes new ones")
    func killed() async throws {
        let server = try await ScratchPostgres.start()
        let configuration = try PostgresConfiguration(server.conninfo(), applicationName: "test")
        let session = try PostgresSession(configuration)
        try session.query("CREATE TABLE kept AS SELECT 1 AS id")
        try session.send("SELECT pg_sleep(60)")
        let killer = Task { try await server.kill() }
        let error = postgresError { try session.finish() }
        try await killer.value
        #expect(error?.kind == .connectionLost)
        #expect(postgresError { _ = try PostgresSession(configuration) }?.kind == .unreachable)
        try await server.resume()
        #expect(try PostgresSession(configuration).query("SELECT id FROM kept").integer(0, 0) == 1)
    }
}
