import EventLoop
import Lifecycle
import LoopTestSupport
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import gamification_server

@Suite("Connections on the event loop", ScratchPostgres.requirement, .blocking)
struct LoopPostgresTests {
    @Test("What awards wait for is answered although all else has to wait, and all else is served in the end")
    func awardsFirst() async throws {
        let database = try await LedgerDatabase()
        let configuration = try database.configuration
        let holder = try PostgresSession(configuration)
        try holder.query("SELECT pg_advisory_lock(7)")
        let thread = try await LoopThread { try LoopPostgres($0, configuration, size: 3) }
        let others = Mutex(0)
        try await thread.run { postgres in
            for _ in 0..<6 {
                postgres.run(
                    [PostgresQuery("SELECT pg_advisory_xact_lock_shared(7)::text")], patience: 60_000_000_000,
                    within: 60_000_000_000
                ) { answer in
                    if case .success = answer { others.withLock { $0 += 1 } }
                }
            }
        }
        // They have what they will ever have before awards come.
        let waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        #expect(try await eventually { try await database.psql(waiting) == "2" })
        for _ in 0..<20 {
            let isAnswered = try await thread.wait { (postgres, done: @escaping (Bool) -> Void) in
                postgres.run([PostgresQuery("SELECT 1")], for: .award, patience: 10_000_000_000) { answer in
                    if case .success = answer { done(true) } else { done(false) }
                }
            }
            #expect(isAnswered)
        }
        #expect(others.withLock { $0 } == 0)
        holder.close()
        #expect(await eventually { others.withLock { $0 } == 6 })
    }
}
