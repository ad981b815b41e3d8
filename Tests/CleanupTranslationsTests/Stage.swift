import Lifecycle
import Postgres
import TestSupport

@testable import cleanup_translations

/// A database of the test's own with all migrations.
struct Stage {
    let server: ScratchPostgres
    let name: String

    static func make(on server: ScratchPostgres? = nil, migrations: Int = .max) async throws -> Stage {
        let used: ScratchPostgres
        if let server { used = server } else { used = try await ScratchPostgres.shared() }
        let stage = Stage(server: used, name: try await used.createDatabase("prune"))
        let session = try stage.session()
        let files = try MigrationFolder.read(ServiceHome.packageRoot + "/migrations")
        try Migrator(session, Array(files.prefix(migrations))).apply()
        return stage
    }

    var conninfo: String { server.conninfo(database: name) }

    var configuration: PostgresConfiguration {
        get throws { try PostgresConfiguration(conninfo, applicationName: "cleanup-translations test") }
    }

    func session() throws -> PostgresSession {
        // Not by the tool's name: the load guard does not look at its own sessions.
        try PostgresSession(PostgresConfiguration(conninfo, applicationName: "test"))
    }

    /// Roles belong to the server, so each test has one of its own.
    var role: String { "role_of_\(name)" }

    /// With another `user` than the superuser, if one is named.
    func database(
        _ stop: StopFlag = StopFlag(), patience: Duration = .seconds(10), readsOnly: Bool = false, user: String? = nil
    ) throws -> PruneDatabase {
        try PruneDatabase(
            .init(
                configuration: PostgresConfiguration(
                    conninfo + (user.map { " user=\($0)" } ?? ""), applicationName: "cleanup-translations test"),
                patience: patience, lockTimeout: .milliseconds(50), statementTimeout: .seconds(5), stop: stop,
                readsOnly: readsOnly))
    }
}

extension PostgresSession {
    /// The first column of a query.
    func texts(_ statement: PostgresStatement) throws -> [String] {
        let rows = try query(statement)
        return (0..<rows.rowCount).map { rows.text($0, 0) ?? "" }
    }

    func count(_ statement: PostgresStatement) throws -> Int { Int(try query(statement).integer(0, 0) ?? -1) }

    /// Inserts versions of one key and locale, created this many days ago.
    func publish(_ key: String, _ locale: String, _ versions: [(String, Int)]) throws {
        for (version, days) in versions {
            var parameters = PostgresParameters()
            for text in [key, locale, version, "value of \(version)", String(days)] { parameters.add(text) }
            try send(
                """
                INSERT INTO translations (key, locale, version, value, created_at)
                VALUES ($1, $2, $3, $4, now() - $5::text::integer * interval '1 day')
                """, parameters)
        }
        try finish()
    }
}

extension PruneDatabase {
    /// Deletes a batch and waits for what came of it.
    func delete(_ batch: PruneBatch) throws(PostgresError) -> Deletion {
        try send(batch)
        return try receive()
    }
}
