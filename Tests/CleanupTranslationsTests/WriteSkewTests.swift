import Lifecycle
import Postgres
import TestSupport
import Testing
import Translations

@testable import cleanup_translations

/// Two copies, each of which has seen the other's survivor: the interleaving that would empty a group.
@Suite("Write skew", ScratchPostgres.requirement, .blocking)
struct WriteSkewTests {
    /// A delete by places alone, as a plain loop would do it.
    private static let naive: PostgresStatement = """
        DELETE FROM translations WHERE ctid = ANY (
            SELECT ctid FROM translations WHERE ctid = ANY ($1::tid[]) FOR UPDATE SKIP LOCKED)
        """

    /// A stage whose deletes wait, at the end of their statement, for an advisory lock that `gate` holds.
    private func stage() async throws -> (stage: Stage, gate: PostgresSession, places: [RowReference]) {
        let stage = try await Stage.make()
        let gate = try stage.session()
        try gate.publish("k", "en", [("1.0.0", 1), ("2.0.0", 1)])
        try gate.run(
            PostgresScript(
                """
                CREATE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    PERFORM pg_advisory_xact_lock_shared(1);
                    RETURN NULL;
                END
                $$;
                CREATE TRIGGER gate AFTER DELETE ON translations FOR EACH STATEMENT EXECUTE FUNCTION wait_at_gate();
                """))
        try gate.query("SELECT pg_advisory_lock(1)")
        let rows = try gate.query("SELECT ctid, xmin FROM translations ORDER BY version", format: .binary)
        let places = try (0..<2).map { row in
            RowReference(
                place: try #require(rows.binaryPlace(row, 0)),
                writer: UInt32(truncatingIfNeeded: try #require(rows.binaryInteger(row, 1))))
        }
        return (stage, gate, places)
    }

    /// Lets two deletes run, both at the gate before either commits, and returns what is left of the group.
    private func left(
        _ gate: PostgresSession, _ stage: Stage, _ first: @escaping @Sendable (PostgresSession) throws -> Void,
        _ second: @escaping @Sendable (PostgresSession) throws -> Void
    ) async throws -> Int {
        let configuration = try stage.configuration
        let tasks = [first, second].map { body in
            Task {
                try await BlockingExecutor(name: "copy").run { try body(PostgresSession(configuration)) }
            }
        }
        let bothWait = eventuallyBlocking(deadline: 120) {
            // pg_locks shows the whole cluster: the other test's copies wait for the same number in their own database.
            let waiting = try? gate.count(
                """
                SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database
                WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted AND objid = 1
                """)
            return waiting == 2
        }
        #expect(bothWait)
        try gate.query("SELECT pg_advisory_unlock(1)")
        for task in tasks { try await task.value }
        return try gate.count("SELECT count(*) FROM translations")
    }

    @Test("The group keeps a version: the survivor's lock stands against the other copy's deletion")
    func guarded() async throws {
        let (stage, gate, places) = try await stage()
        func delete(_ survivor: RowReference, _ victim: RowReference) -> @Sendable (PostgresSession) throws -> Void {
            { session in
                let work = GroupWork(
                    group: TranslationGroup(key: "k", locale: "en"), survivor: survivor, victims: [victim])
                try session.query(Statements.delete, PruneDatabase.parameters(PruneBatch(groups: [work])))
            }
        }
        let count = try await left(gate, stage, delete(places[0], places[1]), delete(places[1], places[0]))
        #expect(count >= 1)
    }

    @Test("Without that lock the same interleaving empties the group")
    func unguarded() async throws {
        let (stage, gate, places) = try await stage()
        func delete(_ victim: RowReference) -> @Sendable (PostgresSession) throws -> Void {
            { session in
                var parameters = PostgresParameters()
                parameters.add([victim.place])
                try session.query(Self.naive, parameters)
            }
        }
        let count = try await left(gate, stage, delete(places[0]), delete(places[1]))
        #expect(count == 0)
    }
}
