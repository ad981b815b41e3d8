import CommandLine
import Lifecycle
import Postgres
import Synchronization
import TestSupport
import Testing
import Translations
import ToolKit

@testable import cleanup_translations

@Suite("Pruning a real table", ScratchPostgres.requirement, .blocking)
struct PruneTests {
    private static let versions: PostgresStatement =
        "SELECT key || '/' || locale || '/' || version FROM translations ORDER BY 1"

    @Test("Versions beyond the newest three go, by semantic order and not by text; old ones go; the newest stays")
    func whatGoes() async throws {
        let stage = try await Stage.make()
        let session = try stage.session()
        try session.publish("a", "en", [("1.9.0", 1), ("1.10.0", 1), ("1.2.0", 1), ("1.10.0-rc.1", 1), ("2.0.0", 1)])
        try session.publish("a", "de", [("1.0.0", 400)])
        try session.publish("b", "en", [("1.0.0", 400), ("0.9.0", 5), ("1.1.0", 5)])
        let database = try stage.database()
        let now = try database.writer.query(Statements.now).integer(0, 0) ?? 0
        let cutoff = now - 90 * 86_400_000_000
        let run = try Trial(rules: PruneRules(keepVersions: 3, cutoff: cutoff)).run(database)
        #expect(
            try session.texts(Self.versions) == [
                "a/de/1.0.0", "a/en/1.10.0", "a/en/1.10.0-rc.1", "a/en/2.0.0", "b/en/0.9.0", "b/en/1.1.0",
            ])
        #expect(run.tally.deleted == 3)
        #expect(!run.hasWorkLeft)
    }

    @Test("Of equal precedence the later is newer; what is not semantic is kept and counted")
    func ties() async throws {
        let stage = try await Stage.make()
        let session = try stage.session()
        try session.publish("k", "en", [("1.0.0+a", 3), ("1.0.0+b", 1), ("1.0.0+c", 2)])
        try session.run(
            PostgresScript(
                """
                ALTER TABLE translations DISABLE TRIGGER USER;
                INSERT INTO translations (key, locale, version, value, created_at)
                VALUES ('k', 'en', 'latest', 'v', now() - interval '1 year'), ('l', 'en', '7', 'v', now());
                ALTER TABLE translations ENABLE TRIGGER USER;
                """))
        let run = try Trial(rules: PruneRules(keepVersions: 1)).run(stage.database())
        #expect(try session.texts(Self.versions) == ["k/en/1.0.0+b", "k/en/latest", "l/en/7"])
        #expect(run.tally.unsemantic == 2)
    }

    @Test("With --include-current a key whose newest version is old loses it")
    func includeCurrent() async throws {
        let stage = try await Stage.make()
        let session = try stage.session()
        try session.publish("old", "en", [("1.0.0", 400), ("2.0.0", 300)])
        try session.publish("mixed", "en", [("1.0.0", 1), ("2.0.0", 300)])
        try session.publish("new", "en", [("1.0.0", 400), ("2.0.0", 1)])
        let database = try stage.database()
        let now = try database.writer.query(Statements.now).integer(0, 0) ?? 0
        try Trial(rules: PruneRules(keepVersions: nil, cutoff: now - 90 * 86_400_000_000, includesCurrent: true))
            .run(database)
        #expect(try session.texts(Self.versions) == ["mixed/en/1.0.0", "new/en/2.0.0"])
    }

    @Test("Only the selected keys and locales are touched, whatever is in the keys")
    func selection() async throws {
        let stage = try await Stage.make()
        let session = try stage.session()
        let keys = ["it's", "100%", "100x", "{a}b", "🏆.1", "🏆.2", "é", "e\u{301}", "a_b", "axb", "\\x", "\"q\""]
        for key in keys { try session.publish(key, "en", [("1.0.0", 1), ("2.0.0", 1)]) }
        try session.publish("100%", "de", [("1.0.0", 1), ("2.0.0", 1)])
        func deleted(_ glob: String, _ locales: [String]? = nil) throws -> [String] {
            let before = Set(try session.texts(Self.versions))
            let selection = Selection(locales: locales, key: try Glob(glob))
            try Trial(rules: PruneRules(keepVersions: 1), selection: selection).run(stage.database())
            return before.subtracting(try session.texts(Self.versions)).sorted()
        }
        #expect(try deleted("100%", ["en"]) == ["100%/en/1.0.0"])
        #expect(try deleted("a_b") == ["a_b/en/1.0.0"])
        #expect(try deleted("🏆.*") == ["🏆.1/en/1.0.0", "🏆.2/en/1.0.0"])
        // Two spellings of one accented letter are two keys.
        _ = try deleted("é")
        #expect(try session.count("SELECT count(*) FROM translations WHERE key = U&'\\00E9'") == 1)
        #expect(try session.count("SELECT count(*) FROM translations WHERE key = U&'e\\0301'") == 2)
        #expect(try deleted("\\\\x") == ["\\x/en/1.0.0"])
        _ = try deleted("*")
        #expect(try session.count("SELECT count(*) FROM translations WHERE version = '1.0.0'") == 0)
    }

    @Test("Twelve thousand groups over several pages: exactly the victims go, each group's caches are told once")
    func pages() async throws {
        let stage = try await Stage.make()
        let session = try stage.session()
        try session.query(
            """
            INSERT INTO translations (key, locale, version, value)
            SELECT 'key.' || k, 'en', '1.' || v || '.0', 'v' FROM generate_series(1, 12000) AS k, generate_series(1, 5) AS v
            """)
        try session.query("DELETE FROM translation_invalidations")
        let caches = NotedCaches()
        let trial = Trial()
        let finisher = try trial.finisher(stage, caches)
        let run = try trial.run(stage.database(), caches: finisher)
        try finisher.end()
        #expect(run.tally.deleted == 24_000)
        #expect(try session.count("SELECT count(*) FROM translations WHERE version IN ('1.1.0', '1.2.0')") == 0)
        #expect(try session.count("SELECT count(*) FROM translations") == 36_000)
        #expect(try session.count("SELECT count(*) FROM translation_invalidations") == 0)
        let notes = caches.notes.withLock { $0 }
        #expect(notes.published.count == 12_000 && Set(notes.published).count == 12_000)
        #expect(notes.unlinked.count == 12_000)
        #expect(notes.unlinked.allSatisfy { $0.newest == "1.5.0|v" })
    }

    @Test("A group of 25,000 versions is read over several pages and cut into batches, and its caches are told once")
    func largeGroup() async throws {
        let stage = try await Stage.make()
        let session = try stage.session()
        try session.query(
            """
            INSERT INTO translations (key, locale, version, value)
            SELECT 'one', 'en', '1.0.' || v, 'v' FROM generate_series(1, 25000) AS v
            """)
        try session.query("DELETE FROM translation_invalidations")
        let caches = NotedCaches()
        let trial = Trial(rules: PruneRules(keepVersions: 2))
        let finisher = try trial.finisher(stage, caches)
        let run = try trial.run(stage.database(), caches: finisher)
        try finisher.end()
        #expect(run.tally.deleted == 24_998)
        #expect(try session.texts(Self.versions) == ["one/en/1.0.24999", "one/en/1.0.25000"])
        #expect(caches.notes.withLock { $0.published.count } == 1)
    }

    @Test("Rows that somebody holds are passed over, tried again, and deleted when they are free")
    func heldRows() async throws {
        let stage = try await Stage.make()
        let session = try stage.session()
        for key in ["a", "b", "c"] { try session.publish(key, "en", [("1.0.0", 1), ("2.0.0", 1)]) }
        let holder = try stage.session()
        try holder.query("BEGIN")
        try holder.query("SELECT 1 FROM translations WHERE key = 'b' AND version = '1.0.0' FOR UPDATE")
        let rules = PruneRules(keepVersions: 1)
        let database = try stage.database()
        let late = try Trial(rules: rules, deadline: .now()).run(database)
        #expect(late.ranOutOfTime && late.hasWorkLeft && late.tally.deleted == 0)
        let stop = StopFlag()
        let first = try Trial(
            rules: rules, stop: stop,
            progress: { tally in if tally.deleted == 2, tally.skipped > 0 { stop.set(.terminate) } }
        ).run(database)
        #expect(first.tally.deleted == 2)
        #expect(first.hasWorkLeft && !first.ranOutOfTime)
        #expect(first.tally.left == 1)
        var isHeld = true
        let folder = try ScratchDirectory("held")
        let second = try Trial(
            rules: rules, archive: folder.file("old.avro"),
            progress: { tally in
                if isHeld, tally.skipped > 5 {
                    isHeld = false
                    _ = try? holder.query("COMMIT")
                }
            }
        ).run(database)
        #expect(second.tally.deleted == 1 && !second.hasWorkLeft)
        // Once from its page, once when it was read again; not each time.
        #expect(second.tally.archived == 2)
        #expect(try session.texts(Self.versions) == ["a/en/2.0.0", "b/en/2.0.0", "c/en/2.0.0"])
    }

    @Test("A row that changed since it was read is not deleted by what was read; it is judged anew")
    func changedRows() async throws {
        let stage = try await Stage.make()
        let session = try stage.session()
        try session.publish("k", "en", [("1.0.0", 1), ("2.0.0", 1)])
        let database = try stage.database()
        func batch() throws -> PruneBatch {
            var reader = PageReader(Selection(), rules: PruneRules(keepVersions: 1), wantsContent: false)
            let page = try database.reader.query(Statements.page, reader.parameters, format: .binary)
            return PruneBatch(groups: try reader.take(page) { _ in }.groups)
        }
        let stale = try batch()
        // The victim becomes the newest, so the row that was read as newest is a victim now.
        try session.query("UPDATE translations SET version = '3.0.0' WHERE version = '1.0.0'")
        #expect(try database.delete(stale).counts == [0])
        // The survivor is gone, or has changed: nothing of the group goes.
        let other = try batch()
        try session.query("UPDATE translations SET version = '0.1.0' WHERE version = '3.0.0'")
        #expect(try database.delete(other).counts == [0])
        #expect(try session.count("SELECT count(*) FROM translations") == 2)
        #expect(try database.delete(try batch()).counts == [1])
        #expect(try session.texts(Self.versions) == ["k/en/2.0.0"])
    }

    @Test("Pages with content grow while values are short, and shrink when they are long; no row is missed")
    func contentPages() async throws {
        let stage = try await Stage.make()
        let session = try stage.session()
        try session.query(
            """
            INSERT INTO translations (key, locale, version, value)
            SELECT 'a' || n, 'en', '1.0.0', 'short' FROM generate_series(1, 2000) AS n
            UNION ALL SELECT 'z' || n, 'en', '1.0.0', repeat('x', 4000) FROM generate_series(1, 6000) AS n
            """)
        var reader = PageReader(Selection(), rules: PruneRules(keepVersions: 1), wantsContent: true)
        var limits: [Int] = []
        var isLast = false
        while !isLast {
            limits.append(reader.limit)
            let page = try session.query(Statements.page, reader.parameters, format: .binary)
            isLast = try reader.take(page) { _ in }.isLast
        }
        #expect(limits.prefix(2) == [250, 1_000])
        #expect(limits.max() ?? 0 <= 4_000)
        #expect(limits.last ?? 0 < 1_100, "\(limits)")
        #expect(reader.tally.rows == 8_000)
    }

    @Test("A limit is kept, a stop ends at once, and what is left is said")
    func ends() async throws {
        let stage = try await Stage.make()
        let session = try stage.session()
        for key in ["a", "b", "c"] { try session.publish(key, "en", [("1.0.0", 1), ("1.1.0", 1), ("2.0.0", 1)]) }
        let database = try stage.database()
        let limited = try Trial(rules: PruneRules(keepVersions: 1), limit: 3).run(database)
        #expect(limited.tally.deleted == 3 && limited.isAtLimit)
        #expect(try session.count("SELECT count(*) FROM translations") == 6)
        let stop = StopFlag()
        stop.set(.terminate)
        let stopped = try Trial(rules: PruneRules(keepVersions: 1), stop: stop).run(database)
        #expect(stopped.tally.deleted == 0 && stopped.hasWorkLeft)
    }

    @Test("A table that somebody has locked whole is waited for")
    func lockedTable() async throws {
        let stage = try await Stage.make()
        let session = try stage.session()
        try session.publish("k", "en", [("1.0.0", 1), ("2.0.0", 1)])
        let holder = try stage.session()
        let database = try stage.database()
        try holder.query("BEGIN")
        try holder.query("LOCK TABLE translations IN ACCESS EXCLUSIVE MODE")
        var isHeld = true
        let run = try Trial(
            rules: PruneRules(keepVersions: 1),
            progress: { tally in
                if isHeld, tally.timeouts > 2 {
                    isHeld = false
                    _ = try? holder.query("COMMIT")
                }
            }
        ).run(database)
        #expect(!isHeld && run.tally.deleted == 1)
    }
}
