import Lifecycle
import Postgres
import Synchronization
import TestSupport
import Testing
import Translations

@testable import cleanup_translations

@Suite("Servers that go and come back in mid-run", ScratchPostgres.requirement, .blocking)
struct RestartTests {
    @Test("PostgreSQL is killed and restarted twice: every victim goes, no newest version does, nothing is left cached")
    func postgres() async throws {
        let server = try await ScratchPostgres.start()
        let stage = try await Stage.make(on: server)
        let session = try stage.session()
        try session.query(
            """
            INSERT INTO translations (key, locale, version, value)
            SELECT 'key.' || k, 'en', '1.' || v || '.0', 'v' FROM generate_series(1, 4000) AS k, generate_series(1, 5) AS v
            """)
        try session.query("DELETE FROM translation_invalidations")
        let caches = NotedCaches()
        let kills = Mutex<[Int]>([1_500, 4_500])
        var trial = Trial(rules: PruneRules(keepVersions: 2), batchTime: .milliseconds(1))
        trial.progress = { tally in
            let isDue = kills.withLock { kills in
                guard let next = kills.first, tally.deleted >= next else { return false }
                kills.removeFirst()
                return true
            }
            guard isDue else { return }
            // On a thread of its own: this one is the run's, and must not wait.
            Task {
                try await server.kill()
                try await server.resume()
            }
        }
        let finisher = try trial.finisher(stage, caches)
        let run = try trial.run(stage.database(patience: .seconds(60)), caches: finisher)
        try finisher.end()
        #expect(kills.withLock { $0.isEmpty })
        #expect(run.tally.reconnects >= 1)
        let after = try stage.session()
        #expect(try after.count("SELECT count(*) FROM translations WHERE version IN ('1.4.0', '1.5.0')") == 8_000)
        #expect(try after.count("SELECT count(*) FROM translations") == 8_000)
        #expect(run.tally.deleted == 12_000)
        #expect(try after.count("SELECT count(*) FROM translation_invalidations") == 0)
        #expect(Set(caches.notes.withLock { $0.published }).count == 4_000)
    }

    @Test("Caches that are away hold up the run and are told in the end; with --require-cache they end it")
    func caches() async throws {
        let stage = try await Stage.make()
        let session = try stage.session()
        try session.publish("k", "en", [("1.0.0", 1), ("2.0.0", 1)])
        let caches = NotedCaches()
        caches.notes.withLock { $0.failures = 3 }
        let trial = Trial(rules: PruneRules(keepVersions: 1))
        let patient = try trial.finisher(stage, caches)
        try trial.run(stage.database(), caches: patient)
        try patient.end()
        #expect(patient.waits == 3)
        #expect(caches.notes.withLock { $0.published.count } == 1)

        try session.publish("k", "en", [("3.0.0", 1)])
        try session.query("DELETE FROM translation_invalidations")
        caches.notes.withLock { $0.failures = .max }
        let strict = try trial.finisher(stage, caches, requiresCache: true)
        _ = try? trial.run(stage.database(), caches: strict)
        #expect(throws: CacheError.self) { try strict.end() }
        // The intent stays, and the next run's sweep finds it.
        #expect(try session.count("SELECT count(*) FROM translation_invalidations") == 1)
        caches.notes.withLock { $0.failures = 0 }
        let next = try trial.finisher(stage, caches)
        next.sweep(upTo: .max)
        try next.end()
        #expect(try session.count("SELECT count(*) FROM translation_invalidations") == 0)
        #expect(caches.notes.withLock { $0.unlinked.last?.newest } == "3.0.0|value of 3.0.0")
    }
}
