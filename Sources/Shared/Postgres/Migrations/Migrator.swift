import Lifecycle

/// Applies numbered SQL files to a database, each once, in order. Several at once wait for each other.
///
/// What was applied stands in the table `schema_migrations`, with the file's SHA-256. Not Sendable: it drives a session.
package final class Migrator {
    private let session: PostgresSession
    private let migrations: [Migration]
    /// The advisory lock of all migrators: "migrate" in ASCII.
    private static let lock: Int64 = 0x6D69_6772_6174_65

    /// A migrator for these files.
    package init(_ session: PostgresSession, _ migrations: [Migration]) {
        self.session = session
        self.migrations = migrations
    }

    /// What the database has; reads only.
    package func status() throws(PostgresError) -> MigrationStatus {
        MigrationStatus(migrations: migrations, records: try records())
    }

    /// Applies what is missing.
    ///
    /// - Parameters:
    ///   - patience: how long to wait while another migrator works.
    ///   - applied: told after each one.
    /// - Returns: the numbers applied.
    /// - Throws: `MigrationError`, `PostgresError`. What was applied before stays.
    @discardableResult
    package func apply(
        patience: Duration = .seconds(600), applied: (Migration) -> Void = { _ in }
    ) throws -> [Int] {
        try lock(patience)
        defer { _ = try? session.query("SELECT pg_advisory_unlock($1)", Self.lockParameter) }
        try session.query(
            """
            CREATE TABLE IF NOT EXISTS schema_migrations (
                number integer PRIMARY KEY,
                name text NOT NULL,
                checksum text NOT NULL,
                applied_at timestamptz(3) NOT NULL DEFAULT now()
            )
            """)
        let status = try self.status()
        if let objection = status.objection { throw objection }
        for number in status.pending {
            let migration = migrations[number - 1]
            do throws(PostgresError) {
                if migration.isTransactional { try apply(migration) } else { try applyAlone(migration) }
            } catch {
                let line = error.position.map { "line \(migration.line(at: $0)): " } ?? ""
                throw MigrationError(.failed, migration.fileName, "\(line)\(error)", cause: error)
            }
            applied(migration)
        }
        return status.pending
    }

    // MARK: - One migration

    private func apply(_ migration: Migration) throws(PostgresError) {
        try session.query("BEGIN")
        do throws(PostgresError) {
            try session.run(PostgresScript(fileText: migration.text))
            try record(migration)
            try session.query("COMMIT")
        } catch {
            if !error.endsConnection { _ = try? session.query("ROLLBACK") }
            throw error
        }
    }

    private func applyAlone(_ migration: Migration) throws(PostgresError) {
        if let index = migration.concurrentIndex { try dropInvalid(index) }
        try session.run(PostgresScript(fileText: migration.text))
        try record(migration)
    }

    /// A crash in the middle of CREATE INDEX CONCURRENTLY leaves an index that is kept up to date and never used.
    private func dropInvalid(_ index: String) throws(PostgresError) {
        var name = PostgresParameters()
        name.add(index)
        let invalid = try session.query(
            "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass($1::text) AND NOT indisvalid", name)
        guard invalid.rowCount > 0 else { return }
        // The name has only letters, digits and _.
        try session.run(PostgresScript(fileText: "DROP INDEX CONCURRENTLY IF EXISTS \(index)"))
    }

    private func record(_ migration: Migration) throws(PostgresError) {
        var parameters = PostgresParameters()
        parameters.add(Int32(migration.number))
        parameters.add(migration.name)
        parameters.add(migration.checksum)
        try session.query("INSERT INTO schema_migrations (number, name, checksum) VALUES ($1, $2, $3)", parameters)
    }

    private func records() throws(PostgresError) -> [MigrationStatus.Record] {
        guard try session.query("SELECT to_regclass('schema_migrations') IS NOT NULL").boolean(0, 0) == true else {
            return []
        }
        let rows = try session.query(
            """
            SELECT number, name, checksum, to_char(applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
            FROM schema_migrations ORDER BY number
            """)
        return (0..<rows.rowCount).map { row in
            MigrationStatus.Record(
                number: Int(rows.integer(row, 0) ?? 0), name: rows.text(row, 1) ?? "",
                checksum: rows.text(row, 2) ?? "", appliedAt: rows.text(row, 3) ?? "")
        }
    }

    // MARK: - One migrator at a time

    private static var lockParameter: PostgresParameters {
        var parameters = PostgresParameters()
        parameters.add(lock)
        return parameters
    }

    /// Takes the lock by asking again and again. A session that waits in pg_advisory_lock has a snapshot, for whose end
    /// CREATE INDEX CONCURRENTLY in the other migrator would wait: neither would ever go on.
    private func lock(_ patience: Duration) throws {
        let deadline = MonotonicInstant.now().advanced(by: patience)
        var backoff = Backoff(firstMilliseconds: 50, longestMilliseconds: 1_000)
        while try session.query("SELECT pg_try_advisory_lock($1)", Self.lockParameter).boolean(0, 0) != true {
            guard MonotonicInstant.now() < deadline else {
                throw MigrationError(.busy, "", "another program has been applying migrations for \(patience)")
            }
            if session.patience.isStopped() { throw PostgresError(.cancelled, "stopped while waiting for a migrator") }
            let pause = MonotonicInstant.now().advanced(by: backoff.failed())
            _ = DescriptorWait.wait(-1, for: [], until: pause)
        }
    }
}
