import CommandLine
import Lifecycle
import Postgres
import TestSupport
import Testing
import ToolKit

@testable import cleanup_translations

@Suite("Guards", ScratchPostgres.requirement, .blocking)
struct GuardTests {
    @Test("A standby, a database without or with too old a schema, and a second run are refused, each with its way out")
    func refused() async throws {
        let primary = try await ScratchPostgres.start()
        let stage = try await Stage.make(on: primary)
        let standby = try await primary.startStandby()
        let onStandby = Stage(server: standby, name: stage.name)
        let isThere = eventuallyBlocking { (try? onStandby.session()) != nil }
        #expect(isThere)
        let readOnly = #expect(throws: Refusal.self) { try onStandby.database() }
        #expect(readOnly?.code == .refused && readOnly?.description.contains("standby") == true)

        let old = try await Stage.make(on: primary, migrations: 2)
        let outdated = #expect(throws: Refusal.self) { try old.database() }
        #expect(outdated?.description.contains("migration 3 (translation_invalidations)") == true)

        let first = try stage.database()
        let second = #expect(throws: Refusal.self) { try stage.database() }
        #expect(second?.code == .refused)
        #expect(second?.description.contains("cleanup-translations test") == true)
        first.writer.close()
        let isFree = eventuallyBlocking { (try? stage.database()) != nil }
        #expect(isFree)
    }

    @Test("On a large table a run without the index is refused, and one with it says which it uses")
    func plans() async throws {
        let stage = try await Stage.make()
        let session = try stage.session()
        // Four rows a page, 44,000 rows: more than 10,000 pages.
        try session.query(
            """
            INSERT INTO translations (key, locale, version, value)
            SELECT 'key.' || k, 'en', '1.0.' || v, repeat(md5(k::text), 55)
            FROM generate_series(1, 4400) AS k, generate_series(1, 10) AS v
            """)
        try session.query("ANALYZE translations")
        #expect(try session.count("SELECT pg_relation_size('translations') / 8192") > 10_000)
        let database = try stage.database()
        let page = PageReader(Selection(), rules: PruneRules(keepVersions: 1), wantsContent: false).parameters
        #expect(try PlanGuard.check(database, page: page) == "idx_translations_rank")
        try session.query("DROP INDEX idx_translations_rank")
        let refusal = #expect(throws: Refusal.self) { try PlanGuard.check(database, page: page) }
        #expect(refusal?.code == .refused && refusal?.description.contains("idx_translations_rank") == true)
    }

    @Test("The run pauses while a transaction is old or others are at work, and says so")
    func pauses() async throws {
        let stage = try await Stage.make()
        let session = try stage.session()
        try session.publish("k", "en", [("1.0.0", 1), ("2.0.0", 1)])
        let database = try stage.database()
        let other = try stage.session()
        try other.query("BEGIN")
        try other.query("SELECT txid_current()")
        var guarded = LoadGuard(.init(transactionAge: .milliseconds(1)))
        let isObjected = eventuallyBlocking {
            (try? guarded.objection(database.writer))?.contains("transaction") == true
        }
        #expect(isObjected)
        // The run goes on when the transaction has ended.
        var limits = LoadGuard.Limits()
        limits.transactionAge = .milliseconds(1)
        var paused = false
        let run = try Trial(
            rules: PruneRules(keepVersions: 1), limits: limits,
            progress: { tally in
                guard tally.waits > 0, !paused else { return }
                paused = true
                _ = try? other.query("COMMIT")
            }
        ).run(database)
        #expect(paused && run.tally.deleted == 1)

        var loaded = LoadGuard(.init(activeSessions: 0))
        try other.send("SELECT pg_sleep(30)")
        let ticket = try other.dispatch()
        let isBusy = eventuallyBlocking { (try? loaded.objection(database.writer))?.contains("at work") == true }
        #expect(isBusy)
        other.close()
        _ = ticket
    }

    @Test("A replica that is behind pauses the run")
    func replicaLag() async throws {
        let primary = try await ScratchPostgres.start()
        let standby = try await primary.startStandby()
        let stage = try await Stage.make(on: primary)
        let database = try stage.database()
        var guarded = LoadGuard(.init(replicaLag: .milliseconds(200)))
        let isQuiet = eventuallyBlocking { (try? guarded.objection(database.writer)) == .some(nil) }
        #expect(isQuiet)
        try await standby.psql("SELECT pg_wal_replay_pause()")
        let session = try stage.session()
        let isBehind = eventuallyBlocking {
            try? session.publish("k\(UInt32.random(in: 0 ... .max))", "en", [("1.0.0", 1)])
            return (try? guarded.objection(database.writer))?.contains("replica") == true
        }
        #expect(isBehind)
    }
}
