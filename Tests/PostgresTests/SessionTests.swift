import Lifecycle
import Postgres
import Testing
import TestSupport

@Suite("Statements", ScratchPostgres.requirement, .blocking)
struct SessionTests {
    @Test("Values of every kind come back as they were given, in text and binary form")
    func roundTrip() async throws {
        let session = try await Database().session()
        let uuid = try #require(PostgresUUID("0123ABCD-4567-89ef-0123-456789abcdef"))
        var parameters = PostgresParameters()
        parameters.add("O'Brien \"%s\" {x} 🏆\\")
        parameters.add(nil as String?)
        parameters.add(Int64.min)
        parameters.add(["a,b", "", "\"q\"", "NULL", "日本"])
        parameters.add([uuid])
        parameters.add([PostgresRowPlace(block: 70_000, index: 40_000)])
        parameters.add(true)
        parameters.add([] as [Int64])
        let statement: PostgresStatement = """
            SELECT $1::text, $2::text, $3::bigint, ($4::text[])[4], ($5::uuid[])[1], ($6::tid[])[1], $7::boolean,
                cardinality($8::bigint[])
            """
        let text = try session.query(statement, parameters)
        #expect(text.text(0, 0) == "O'Brien \"%s\" {x} 🏆\\")
        #expect(text.isNull(0, 1))
        #expect(text.integer(0, 2) == .min)
        #expect(text.text(0, 3) == "NULL")
        #expect(text.text(0, 4) == uuid.description)
        #expect(text.text(0, 5) == "(70000,40000)")
        #expect(text.boolean(0, 6) == true)
        #expect(text.integer(0, 7) == 0)
        let binary = try session.query(statement, parameters, format: .binary)
        #expect(binary.text(0, 0) == text.text(0, 0))
        #expect(binary.binaryInteger(0, 2) == .min)
        #expect(binary.binaryUUID(0, 4) == uuid)
        #expect(binary.binaryPlace(0, 5) == PostgresRowPlace(block: 70_000, index: 40_000))
        #expect(binary.binaryInteger(0, 7) == 0)
    }

    @Test("Ten thousand statements go in one pipeline, and their answers come in order")
    func pipeline() async throws {
        let session = try await Database().session()
        for number in 0..<10_000 {
            var parameters = PostgresParameters()
            parameters.add(Int64(number))
            try session.send("SELECT $1::bigint", parameters)
        }
        let results = try session.finish()
        #expect(results.count == 10_000)
        #expect(results.indices.allSatisfy { results[$0].integer(0, 0) == Int64($0) })
    }

    @Test("More than the limit is refused as back-pressure, and the connection goes on")
    func backPressure() async throws {
        let session = try await Database().session()
        var refused: PostgresError?
        for _ in 0...PostgresConnection.limit where refused == nil {
            refused = postgresError { try session.send("SELECT 1") }
        }
        #expect(refused?.kind == .limit)
        #expect(refused?.isRetriable == true)
    }

    @Test("A failure in a group undoes the group, skips the rest, and leaves the connection good")
    func failingGroup() async throws {
        let session = try await Database().session()
        try session.query("CREATE TABLE t (id bigint PRIMARY KEY)")
        try session.send("INSERT INTO t VALUES (1)")
        try session.send("INSERT INTO t VALUES (1)")
        try session.send("INSERT INTO t VALUES (2)")
        let error = postgresError { try session.finish() }
        #expect(error?.kind == .constraint)
        #expect(error?.sqlState == .uniqueViolation)
        #expect(error?.constraint == "t_pkey")
        #expect(error?.table == "t")
        #expect(try session.query("SELECT count(*) FROM t").integer(0, 0) == 0)
        // The third statement's preparation was skipped; it must work afterwards.
        try session.query("INSERT INTO t VALUES (2)")
        #expect(try session.query("SELECT count(*) FROM t").integer(0, 0) == 1)
    }

    @Test("A statement that cannot be prepared reports the reason, not that it was skipped")
    func unpreparable() async throws {
        let session = try await Database().session()
        let error = postgresError { try session.query("SELECT * FROM nowhere WHERE id = $1", .texts("1")) }
        #expect(error?.sqlState == .undefinedTable)
        #expect(error?.kind == .missingObject)
        #expect(error?.isRetriable == false)
        #expect(try session.query("SELECT 1").integer(0, 0) == 1)
        // Tried again after the table came to be, it works.
        try session.query("CREATE TABLE nowhere (id text)")
        #expect(try session.query("SELECT * FROM nowhere WHERE id = $1", .texts("1")).rowCount == 0)
    }

    @Test("No error quotes a value")
    func valuesStayOut() async throws {
        let session = try await Database().session()
        let secret = "someone@example.org"
        let invalid = postgresError { try session.query("SELECT $1::text::uuid", .texts(secret)) }
        #expect(invalid?.kind == .invalidData)
        #expect(invalid?.description.contains(secret) == false)
        try session.query("CREATE TABLE mail (address text UNIQUE)")
        try session.query("INSERT INTO mail VALUES ($1)", .texts(secret))
        let twice = postgresError { try session.query("INSERT INTO mail VALUES ($1)", .texts(secret)) }
        #expect(twice?.kind == .constraint)
        #expect(twice?.description.contains(secret) == false)
    }

    @Test("Notices are kept, and no more than 64 of them")
    func notices() async throws {
        let session = try await Database().session()
        try session.query("DO $$ BEGIN FOR i IN 1..100 LOOP RAISE WARNING 'number %', i; END LOOP; END $$")
        let notices = session.takeNotices()
        #expect(notices.count == 64)
        #expect(notices.first?.severity == "WARNING")
        #expect(notices.first?.message == "number 1")
        #expect(session.takeNotices().isEmpty)
    }

    @Test("Lock waits and deadlocks say that a retry helps")
    func retriable() async throws {
        let database = try await Database()
        let (first, second) = (try database.session(), try database.session())
        try first.query("CREATE TABLE t AS SELECT 1 AS id")
        try first.query("BEGIN")
        try first.query("SELECT * FROM t FOR UPDATE")
        try second.query("SET lock_timeout = '20ms'")
        let busy = postgresError { try second.query("SELECT * FROM t FOR UPDATE") }
        #expect(busy?.sqlState == .lockNotAvailable)
        #expect(busy?.kind == .lockNotAvailable)
        #expect(busy?.isRetriable == true)
        #expect(busy?.endsConnection == false)
    }
}
