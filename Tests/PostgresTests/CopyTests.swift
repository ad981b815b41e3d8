import Postgres
import Testing
import TestSupport

@Suite("Scripts and COPY", ScratchPostgres.requirement, .blocking)
struct CopyTests {
    private struct Unreadable: Error {}

    @Test("A hundred thousand rows go in and come out again, and statements work before, between and after")
    func roundTrip() async throws {
        let session = try await Database().session()
        try session.query("CREATE TABLE t (id bigint, name text)")
        var next = 0
        let copied = try session.copyIn("COPY t FROM STDIN") { piece in
            while next < 100_000, piece.count < 60_000 {
                piece += Array("\(next)\tname \(next) 🏆\n".utf8)
                next += 1
            }
        }
        #expect(copied == 100_000)
        #expect(try session.query("SELECT sum(id) FROM t").integer(0, 0) == 4_999_950_000)
        var rows = 0
        var bytes = 0
        try session.copyOut("COPY t TO STDOUT") { row in
            rows += 1
            bytes += row.count
        }
        #expect(rows == 100_000)
        #expect(bytes > 2_000_000)
        #expect(try session.query("SELECT 1").integer(0, 0) == 1)
    }

    @Test("Data that cannot be read undo the COPY, bad data are reported, and the connection goes on")
    func failures() async throws {
        let session = try await Database().session()
        try session.query("CREATE TABLE t (id bigint)")
        #expect(throws: Unreadable.self) {
            try session.copyIn("COPY t FROM STDIN") { piece in
                if piece.isEmpty { throw Unreadable() }
            }
        }
        var isFirst = true
        let bad = postgresError {
            try session.copyIn("COPY t FROM STDIN") { piece in
                if isFirst { piece = Array("not a number\n".utf8) }
                isFirst = false
            }
        }
        #expect(bad?.kind == .invalidData)
        let missing = postgresError { try session.copyIn("COPY nowhere FROM STDIN") { _ in } }
        #expect(missing?.sqlState == .undefinedTable)
        #expect(try session.query("SELECT count(*) FROM t").integer(0, 0) == 0)
    }

    @Test("A script is one transaction: its last statement's failure undoes the first")
    func script() async throws {
        let session = try await Database().session()
        try session.run(PostgresScript("CREATE TABLE a (id int); CREATE TABLE b (id int);"))
        let error = postgresError { try session.run(PostgresScript("DROP TABLE a; SELECT 1/0; DROP TABLE b;")) }
        #expect(error?.kind == .invalidData)
        #expect(try session.query("SELECT count(*) FROM a").integer(0, 0) == 0)
        let copying = postgresError { try session.run(PostgresScript("COPY a FROM STDIN")) }
        #expect(copying != nil)
        #expect(try session.query("SELECT count(*) FROM b").integer(0, 0) == 0)
    }
}
