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
        let before = try session.texts(Self.rows)
        let folder = try ScratchDirectory("archive")
        let database = try stage.database()
        let trial = Trial(rules: PruneRules(keepVersions: 1), archive: folder.file("old.avro"))
        let run = try trial.run(database)
        #expect(run.tally.archived == 15 && run.tally.deleted == 15)
        #expect(try session.count("SELECT count(*) FROM translations") == 5)
        let restored = try restore(database, folder.file("old.avro"))
        #expect(restored.restored == 15 && restored.present == 0 && restored.refused == 0)
        #expect(try session.texts(Self.rows) == before)
        let again = try restore(database, folder.file("old.avro"))
        #expect(again.restored == 0 && again.present == 15)
        // An archive is gone on with, and a row that is in it twice is restored from its last entry.
        try session.query("UPDATE translations SET value = 'changed' WHERE version = '1.0.0'")
        let changed = try session.texts(Self.rows)
        try trial.run(database)
        let third = try restore(database, folder.file("old.avro"))
        #expect(third.records == 30 && third.restored == 15)
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
        let restorer = Restorer(try PostgresSession(database.settings.configuration), stop: StopFlag())
        #expect(try restorer.load(cut)?.contains("unfinished block") == true)
        try restorer.insert()
        #expect(restorer.tally.restored == 2)
        var flipped = whole
        // The marker that ends the block: Avro has no checksum, so a changed letter of a text would pass.
        flipped[whole.count - 5] ^= 0x40
        let bad = folder.file("bad.avro")
        try writeBytes(flipped, to: bad)
        #expect(throws: (any Error).self) { try restore(database, bad) }
        #expect(try restore(database, path).restored == 2)
        #expect(try session.texts(Self.rows) == before)
    }

    private func restore(_ database: PruneDatabase, _ path: String) throws -> Restorer.Tally {
        // Temporary tables belong to the session, so each restore has its own.
        let session = try PostgresSession(database.settings.configuration)
        let restorer = Restorer(session, stop: StopFlag())
        _ = try restorer.load(path)
        try restorer.insert()
        return restorer.tally
    }
}
