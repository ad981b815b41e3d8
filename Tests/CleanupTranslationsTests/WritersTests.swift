import Lifecycle
import Postgres
import TestSupport
import Testing

@testable import cleanup_translations

@Suite("Beside writers", ScratchPostgres.requirement, .blocking)
struct WritersTests {
    /// Publishes, changes and deletes versions until told to stop; counts what it could not do in 50 ms.
    private static func write(_ session: PostgresSession, seed: UInt64, until isOver: () -> Bool) throws -> Int {
        var random = SplitMix64(seed: seed)
        var refused = 0
        try session.query("SET lock_timeout = '2s'")
        while !isOver() {
            var parameters = PostgresParameters()
            parameters.add("key.\(random.next(below: 60))")
            parameters.add("\(random.next(below: 3)).\(random.next(below: 30)).\(random.next(below: 9))")
            let statement: PostgresStatement =
                switch random.next(below: 5) {
                case 0:
                    """
                    UPDATE translations SET version = $2 WHERE id = (
                        SELECT id FROM translations WHERE key = $1 ORDER BY random() LIMIT 1)
                        AND NOT EXISTS (SELECT 1 FROM translations WHERE key = $1 AND version = $2)
                    """
                case 1: "UPDATE translations SET value = value || '.' WHERE key = $1 AND version < $2"
                case 2: "DELETE FROM translations WHERE key = $1 AND version = $2"
                default:
                    """
                    INSERT INTO translations (key, locale, version, value) VALUES ($1, 'en', $2, 'v')
                    ON CONFLICT DO NOTHING
                    """
                }
            do throws(PostgresError) {
                try session.query(statement, parameters)
            } catch {
                guard [.constraint, .lockNotAvailable, .conflict].contains(error.kind) else { throw error }
                if error.kind == .lockNotAvailable { refused += 1 }
            }
        }
        return refused
    }

    @Test("While three writers publish, change and delete versions, the prune never deletes the newest of a group")
    func invariants() async throws {
        let stage = try await Stage.make()
        let session = try stage.session()
        // An audit inside the deleting transaction: a row that the prune deletes must leave a newer one behind.
        try session.run(
            PostgresScript(
                """
                CREATE TABLE violations (key text, version text);
                CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF current_setting('application_name') LIKE 'cleanup-translations%' AND NOT EXISTS (
                        SELECT 1 FROM translations AS t WHERE t.key = OLD.key AND t.locale = OLD.locale
                            AND (t.version_order, t.created_at, t.id) > (OLD.version_order, OLD.created_at, OLD.id))
                    THEN
                        INSERT INTO violations VALUES (OLD.key, OLD.version);
                    END IF;
                    RETURN NULL;
                END
                $$;
                CREATE TRIGGER audit AFTER DELETE ON translations FOR EACH ROW EXECUTE FUNCTION audit();
                """))
        let isOver = StopFlag()
        let configuration = try PostgresConfiguration(stage.conninfo, applicationName: "writer")
        // Tasks of their own: children would wait for this test's thread.
        let writers = (1...3).map { seed in
            Task {
                try await BlockingExecutor(name: "writer").run { () throws -> Int in
                    try Self.write(PostgresSession(configuration), seed: UInt64(seed)) { isOver.isSet }
                }
            }
        }
        let database = try stage.database()
        var deleted = 0
        var round = 0
        // The writers need their time to publish; the end is a matter of rows, not of time.
        let end = MonotonicInstant.now().advanced(bySeconds: 60)
        while deleted < 2_000, MonotonicInstant.now() < end {
            round += 1
            let trial = Trial(
                rules: PruneRules(keepVersions: 1 + round % 3),
                deadline: MonotonicInstant.now().advanced(bySeconds: 10),
                batchTime: .milliseconds(1))
            deleted += try trial.run(database).tally.deleted
        }
        isOver.set(.terminate)
        for writer in writers { _ = try await writer.value }
        #expect(deleted >= 2_000)
        #expect(try session.texts("SELECT key || ' ' || version FROM violations") == [])
    }
}
