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
        // A look takes no lock, so it neither is refused nor makes a run be refused.
        _ = try stage.database(readsOnly: true)
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

    @Test("A prepared transaction pauses a run; what was committed before it is on the disk first")
    func transactions() async throws {
        // The server puts nothing on the disk by itself for ten seconds.
        let server = try await ScratchPostgres.start(
            settings: ["max_prepared_transactions": "2", "wal_writer_delay": "10s"])
        let stage = try await Stage.make(on: server)
        let session = try stage.session()
        try session.query("SET synchronous_commit = off")
        try session.publish("k", "en", [("1.0.0", 1)])
        let end = try session.texts("SELECT pg_current_wal_insert_lsn()")
        func isOnDisk() throws -> Bool? {
            var parameters = PostgresParameters()
            parameters.add(end[0])
            return try session.query("SELECT pg_current_wal_flush_lsn() >= $1::pg_lsn", parameters).boolean(0, 0)
        }
        _ = try stage.database(readsOnly: true)
        #expect(try isOnDisk() == false)
        let database = try stage.database()
        #expect(try isOnDisk() == true)

        var guarded = LoadGuard(.init(transactionAge: .milliseconds(1)))
        #expect(try guarded.objection(database.writer) == nil)
        try session.query("BEGIN")
        try session.query("UPDATE locales SET tag = tag")
        try session.query("PREPARE TRANSACTION 'forgotten'")
        let isObjected = eventuallyBlocking {
            (try? guarded.objection(database.writer))?.contains("transaction") == true
        }
        #expect(isObjected)
    }

    @Test("A trigger that would write no intent refuses the run: caches would keep stale names")
    func silentTriggers() async throws {
        let stage = try await Stage.make()
        let session = try stage.session()
        for statement: PostgresStatement in [
            "ALTER TABLE translations DISABLE TRIGGER trg_translations_deleted",
            "DROP TRIGGER trg_translations_deleted ON translations",
        ] {
            try session.query(statement)
            let refusal = #expect(throws: Refusal.self) { try stage.database() }
            #expect(refusal?.code == .refused && refusal?.description.contains("trg_translations_deleted") == true)
        }
    }

    @Test("A run needs no more rights than docs/postgres.md names, and says what it cannot see with them")
    func rights() async throws {
        let stage = try await Stage.make()
        let session = try stage.session()
        try session.publish("k", "en", [("1.0.0", 1), ("2.0.0", 1)])
        try await stage.server.psql(
            """
            CREATE ROLE \(stage.role) LOGIN;
            GRANT SELECT ON schema_migrations, locales TO \(stage.role);
            GRANT SELECT, UPDATE, DELETE ON translations TO \(stage.role);
            GRANT SELECT, INSERT, DELETE ON translation_invalidations TO \(stage.role);
            ALTER ROLE \(stage.role) SET default_transaction_isolation = 'serializable';
            """, database: stage.name)
        let database = try stage.database(user: stage.role)
        let guarded = LoadGuard(.init(replicaLag: .seconds(1)))
        #expect(try guarded.blindness(database.writer)?.contains("pg_read_all_stats") == true)
        #expect(try guarded.blindness(session) == nil)
        #expect(try LoadGuard(.init()).blindness(database.writer) == nil)
        // Whatever the role says: rows that others change are to be passed over.
        #expect(try database.writer.query("SHOW transaction_isolation").text(0, 0) == "read committed")
        let folder = try ScratchDirectory("rights")
        let trial = Trial(rules: PruneRules(keepVersions: 1), archive: folder.file("old.avro"))
        #expect(try trial.run(database).tally.deleted == 1)
        try await stage.server.psql("GRANT INSERT ON translations TO \(stage.role)", database: stage.name)
        let restorer = Restorer(database.writer, .init(stop: StopFlag()))
        _ = try restorer.load(folder.file("old.avro"))
        try restorer.insert()
        #expect(restorer.tally.restored == 1)
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
