import Lifecycle
import Postgres
import Testing
import TestSupport

@Suite("Migrations", ScratchPostgres.requirement, .blocking)
struct MigratorTests {
    private static func migration(_ name: String, _ text: String) throws -> Migration {
        try Migration(fileName: name, text: text)
    }

    private func states(_ migrator: Migrator) throws -> [MigrationStatus.State] {
        try migrator.status().entries.map(\.state)
    }

    @Test("Each is applied once, in order, and recorded; a later one is added to them")
    func once() async throws {
        let session = try await Database().session()
        let first = try Self.migration("0001_a.sql", "CREATE TABLE a (id int); INSERT INTO a VALUES (1);")
        let second = try Self.migration("0002_b.sql", "INSERT INTO a VALUES (2);")
        #expect(try states(Migrator(session, [first, second])) == [.pending, .pending])
        #expect(try Migrator(session, [first]).apply() == [1])
        #expect(try Migrator(session, [first, second]).apply() == [2])
        #expect(try Migrator(session, [first, second]).apply() == [])
        #expect(try session.query("SELECT count(*) FROM a").integer(0, 0) == 2)
        #expect(try states(Migrator(session, [first])) == [.applied, .unknown])
    }

    @Test("A file that was changed after it was applied, or added in between, is refused and nothing is applied")
    func altered() async throws {
        let session = try await Database().session()
        let first = try Self.migration("0001_a.sql", "CREATE TABLE a (id int);")
        try Migrator(session, [first]).apply()
        let changed = try Self.migration("0001_a.sql", "CREATE TABLE a (id bigint);")
        let next = try Self.migration("0002_b.sql", "CREATE TABLE b (id int);")
        let altered = #expect(throws: MigrationError.self) { try Migrator(session, [changed, next]).apply() }
        #expect(altered?.kind == .altered)
        #expect(try session.query("SELECT to_regclass('b') IS NULL").boolean(0, 0) == true)
        try session.query("INSERT INTO schema_migrations (number, name, checksum) VALUES (3, 'c', 'x')")
        let third = try Self.migration("0003_c.sql", "")
        #expect(throws: MigrationError.self) { try Migrator(session, [first, next, third]).apply() }
    }

    @Test("A file that fails leaves nothing of itself, names the line, and keeps what came before")
    func failing() async throws {
        let session = try await Database().session()
        let files = [
            try Self.migration("0001_a.sql", "CREATE TABLE a (id int);"),
            try Self.migration("0002_b.sql", "CREATE TABLE b (id int);\nINSERT INTO b VALUES (1);\nSELECT nothing;"),
        ]
        let error = #expect(throws: MigrationError.self) { try Migrator(session, files).apply() }
        #expect(error?.kind == .failed)
        #expect(error?.description.contains("0002_b.sql: line 3") == true)
        #expect(error?.cause?.sqlState == .undefinedColumn)
        #expect(try session.query("SELECT to_regclass('b') IS NULL").boolean(0, 0) == true)
        #expect(try states(Migrator(session, files)) == [.applied, .pending])
    }

    @Test("Eight at once apply each file once, an index built concurrently included")
    func together() async throws {
        let database = try await Database()
        let files = [
            try Self.migration("0001_a.sql", "CREATE TABLE a (id int); SELECT pg_sleep(0.2);"),
            try Self.migration(
                "0002_b.sql", "-- no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS a_id ON a (id);\n"),
            try Self.migration("0003_c.sql", "INSERT INTO a VALUES (1);"),
        ]
        let configuration = try database.configuration
        let applied = try await withThrowingTaskGroup(of: [Int].self) { group in
            for number in 0..<8 {
                group.addTask {
                    try await BlockingExecutor(name: "migrator \(number)").run { () throws -> [Int] in
                        try Migrator(PostgresSession(configuration), files).apply()
                    }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(applied.sorted() == [1, 2, 3])
        #expect(try database.session().query("SELECT count(*) FROM a").integer(0, 0) == 1)
    }

    @Test("An index that a crash left invalid is dropped and built again")
    func invalidIndex() async throws {
        let session = try await Database().session()
        try session.run(PostgresScript("CREATE TABLE a (id int); INSERT INTO a VALUES (1), (1);"))
        // A unique index over duplicates fails half-way and stays behind, invalid.
        let left = postgresError { try session.query("CREATE UNIQUE INDEX CONCURRENTLY a_id ON a (id)") }
        #expect(left?.kind == .constraint)
        try session.query("DELETE FROM a")
        let file = try Self.migration(
            "0001_a.sql", "-- no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS a_id ON a (id);\n")
        #expect(try Migrator(session, [file]).apply() == [1])
        let valid = try session.query("SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_id'::regclass")
        #expect(valid.boolean(0, 0) == true)
    }

    @Test("A migrator that is never let in says so in time")
    func busy() async throws {
        let database = try await Database()
        let (holder, session) = (try database.session(), try database.session())
        var lock = PostgresParameters()
        lock.add(Int64(0x6D69_6772_6174_65))
        try holder.query("SELECT pg_advisory_lock($1)", lock)
        let file = try Self.migration("0001_a.sql", "SELECT 1")
        let error = #expect(throws: MigrationError.self) {
            try Migrator(session, [file]).apply(patience: .milliseconds(100))
        }
        #expect(error?.kind == .busy)
    }

    @Test("Names and folders that cannot be migrations are refused")
    func names() throws {
        for name in ["1_a.sql", "0001-a.sql", "0001_A.sql", "0000_a.sql", "0001_.sql", "00a1_b.sql", "0001_a.txt"] {
            #expect(throws: MigrationError.self) { try Self.migration(name, "") }
        }
        let folder = try ScratchDirectory("migrations")
        #expect(throws: MigrationError.self) { try MigrationFolder.read(folder.path) }
        try folder.write("0001_a.sql", "SELECT 1")
        try folder.write("0003_c.sql", "SELECT 1")
        #expect(throws: MigrationError.self) { try MigrationFolder.read(folder.path) }
        try folder.write("0002_b.sql", "SELECT 1")
        #expect(try MigrationFolder.read(folder.path).map(\.name) == ["a", "b", "c"])
        #expect(throws: MigrationError.self) { try MigrationFolder.read(folder.file("nowhere")) }
    }
}
