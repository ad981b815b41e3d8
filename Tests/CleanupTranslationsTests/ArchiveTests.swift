import Avro
import CommandLine
import Lifecycle
import Postgres
import TestSupport
import Testing
import ToolKit

@testable import cleanup_translations

@Suite("Archive and restore", ScratchPostgres.requirement, .blocking)
struct ArchiveTests {
    private static let rows: PostgresStatement = """
        SELECT concat_ws('|', id, key, locale, version, value, created_at) FROM translations ORDER BY 1
        """

    @Test("Archive plus table equal the table before; a restore puts everything back, and a second one nothing")
    func roundTrip() async throws {
        let stage = try await Stage.make()
        let session = try stage.session()
        for key in ["it's", "tab\"", "🏆", "back\\slash", "{b}"] {
            try session.publish(key, "en", [("1.0.0", 10), ("1.1.0", 9), ("1.2.0-rc.1", 8), ("2.0.0", 400)])
        }
        try session.query(
            """
            INSERT INTO translations (key, locale, version, value, created_at)
            SELECT 'odd', 'en', '1.' || number || '.0', 'v', moment
            FROM unnest(ARRAY['-infinity', 'infinity', '0044-03-15 BC', '294276-12-31', 'now']::timestamptz[])
                WITH ORDINALITY AS odd (moment, number)
            """)
        let before = try session.texts(Self.rows)
        let folder = try ScratchDirectory("archive")
        let database = try stage.database()
        let trial = Trial(rules: PruneRules(keepVersions: 1), archive: folder.file("old.avro"))
        let run = try trial.run(database)
        #expect(run.tally.archived == 19 && run.tally.deleted == 19)
        #expect(try session.count("SELECT count(*) FROM translations") == 6)
        let restored = try restore(database, folder.file("old.avro"))
        #expect(restored.restored == 19 && restored.present == 0 && restored.refused == 0)
        #expect(try session.texts(Self.rows) == before)
        let again = try restore(database, folder.file("old.avro"))
        #expect(again.restored == 0 && again.present == 19)
        #expect(try Survey.take(database.reader, Selection(), PruneRules(keepVersions: 1)).total == 19)
        // An archive is gone on with, and a row that is in it twice is restored from its last entry.
        try session.query("UPDATE translations SET value = 'changed' WHERE version = '1.0.0'")
        let changed = try session.texts(Self.rows)
        try trial.run(database)
        let third = try restore(database, folder.file("old.avro"))
        #expect(third.records == 38 && third.restored == 19)
        #expect(try session.texts(Self.rows) == changed)
    }

    @Test("What the trigger refuses is reported with its rule, and the rest is restored")
    func refused() async throws {
        let stage = try await Stage.make()
        let session = try stage.session()
        try session.query("INSERT INTO locales VALUES ('pt-BR')")
        for number in 0..<20 {
            try session.publish("k\(number)", number == 7 ? "pt-BR" : "en", [("1.0.0", 1), ("2.0.0", 1)])
        }
        let folder = try ScratchDirectory("archive")
        let database = try stage.database()
        try Trial(rules: PruneRules(keepVersions: 1), archive: folder.file("old.avro")).run(database)
        try session.query("DELETE FROM translations WHERE locale = 'pt-BR'")
        try session.query("DELETE FROM locales WHERE tag = 'pt-BR'")
        let tally = try restore(database, folder.file("old.avro"))
        #expect(tally.restored == 19 && tally.refused == 1)
        #expect(tally.refusals.map(\.rule) == ["translations_locale"])
    }

    @Test("A file that is no archive is refused, for writing and for restoring")
    func noArchive() async throws {
        let database = try await Stage.make().database()
        let folder = try ScratchDirectory("archive")
        try folder.write("text", "hello")
        #expect(throws: (any Error).self) { _ = try TranslationArchive.open(folder.file("text")) }
        #expect(throws: (any Error).self) { try restore(database, folder.file("text")) }
        #expect(throws: (any Error).self) { try restore(database, folder.file("nowhere")) }
        #expect(throws: (any Error).self) { _ = try TranslationArchive.open(folder.path + "/no/such/folder") }
    }

    @Test(
        "Of an archive that ends in mid-block the whole blocks are restored, and it is said; a damaged one is refused")
    func damaged() async throws {
        let stage = try await Stage.make()
        let session = try stage.session()
        for key in ["a", "b"] { try session.publish(key, "en", [("1.0.0", 10), ("1.1.0", 9), ("2.0.0", 8)]) }
        let before = try session.texts(Self.rows)
        let folder = try ScratchDirectory("archive")
        let database = try stage.database()
        let path = folder.file("old.avro")
        // Two runs, two blocks.
        for key in ["a", "b"] {
            try Trial(
                rules: PruneRules(keepVersions: 1), selection: Selection(locales: nil, key: try Glob(key)),
                archive: path
            ).run(database)
        }
        let whole = try readBytes(path)
        let cut = folder.file("cut.avro")
        try writeBytes(Array(whole.dropLast(20)), to: cut)
        let restorer = Restorer(
            try PostgresSession(database.settings.configuration), .init(stop: StopFlag()))
        #expect(try restorer.load(cut)?.contains("unfinished block") == true)
        try restorer.insert()
        #expect(restorer.tally.restored == 2)
        // The first block's length, which then reaches beyond the file; a byte of its content; the marker at its end.
        let start = Int(try AvroContainerReader(path: path).nextBlockOffset)
        for (position, mask) in [(start + 2, UInt8(0x7F)), (start + 20, 0x10), (whole.count - 5, 0x40)] {
            var flipped = whole
            flipped[position] ^= mask
            let bad = folder.file("bad.\(position)")
            try writeBytes(flipped, to: bad)
            let refusal = #expect(throws: Refusal.self) { try restore(database, bad) }
            #expect(refusal?.code == .refused && refusal?.description.contains("--skip-damaged") == true)
            let rest = try restore(database, bad, skipsDamage: true)
            #expect(rest.damagedBlocks + rest.damagedRecords > 0 && (2..<4).contains(rest.records), "at \(position)")
        }
        #expect(try restore(database, path).present == 4)
        #expect(try session.texts(Self.rows) == before)
    }

    @Test("A letter that is not the one that was written is noticed, in a file that Avro takes for whole")
    func letter() async throws {
        let stage = try await Stage.make()
        let session = try stage.session()
        try session.publish("a", "en", [("2.0.0", 1)])
        let database = try stage.database()
        let folder = try ScratchDirectory("archive")
        let path = folder.file("old.avro")
        var writer = try AvroContainerWriter.create(path: path, schemaText: TranslationArchive.schemaText)
        func row(_ version: String) -> ArchivedRow {
            ArchivedRow(
                id: "00000000-0000-4000-8000-00000000000\(version.prefix(1))", key: "a", locale: "en", version: version,
                value: "a name", createdAt: 1_700_000_000_000)
        }
        try writer.append(datum: try row("1.0.0").datum(writer.schema))
        var changed = try row("0.9.0").datum(writer.schema)
        let letter = try #require(changed.firstIndex(of: UInt8(ascii: "n")))
        changed[letter] = UInt8(ascii: "m")
        try writer.append(datum: changed)
        try writer.close()

        let refusal = #expect(throws: Refusal.self) { try restore(database, path) }
        #expect(refusal?.description.contains("record 1 of the block is not as it was written") == true)
        #expect(try session.count("SELECT count(*) FROM translations") == 1)
        let rest = try restore(database, path, skipsDamage: true)
        #expect(rest.restored == 1 && rest.damagedRecords == 1 && rest.damagedBlocks == 0)
        #expect(try session.texts("SELECT version FROM translations ORDER BY 1") == ["1.0.0", "2.0.0"])
    }

    private func restore(
        _ database: PruneDatabase, _ path: String, skipsDamage: Bool = false
    ) throws -> Restorer.Tally {
        // Temporary tables belong to the session, so each restore has its own.
        let session = try PostgresSession(database.settings.configuration)
        let restorer = Restorer(session, .init(stop: StopFlag(), skipsDamage: skipsDamage))
        _ = try restorer.load(path)
        try restorer.insert()
        return restorer.tally
    }

    @Test("Somebody who has locked the table whole is waited for")
    func lockedTable() async throws {
        let stage = try await Stage.make()
        let session = try stage.session()
        try session.publish("k", "en", [("1.0.0", 1), ("2.0.0", 1)])
        let folder = try ScratchDirectory("archive")
        let database = try stage.database()
        try Trial(rules: PruneRules(keepVersions: 1), archive: folder.file("old.avro")).run(database)
        let restorer = Restorer(database.writer, .init(stop: StopFlag()))
        _ = try restorer.load(folder.file("old.avro"))
        // The server ends the holder, long after the restore's patience for one lock has.
        let holder = try stage.session()
        try holder.query("SET idle_in_transaction_session_timeout = '500ms'")
        try holder.query("BEGIN")
        try holder.query("LOCK TABLE translations IN ACCESS EXCLUSIVE MODE")
        try restorer.insert()
        #expect(restorer.tally.restored == 1)
    }
}
