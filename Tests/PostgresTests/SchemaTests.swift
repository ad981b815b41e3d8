import Postgres
import Testing
import TestSupport

@Suite("Schema", ScratchPostgres.requirement, .blocking)
struct SchemaTests {
    private func migrated() async throws -> PostgresSession {
        let session = try await Database("schema").session()
        try Migrator(session, MigrationFolder.read(ServiceHome.packageRoot + "/migrations")).apply()
        return session
    }

    private func intents(_ session: PostgresSession) throws -> [String] {
        let rows = try session.query("DELETE FROM translation_invalidations RETURNING key || '/' || locale")
        return (0..<rows.rowCount).map { rows.text($0, 0) ?? "" }.sorted()
    }

    private func insert(_ session: PostgresSession, _ key: String, _ locale: String, _ version: String, _ value: String)
        throws
    {
        try session.query(
            "INSERT INTO translations (key, locale, version, value) VALUES ($1, $2, $3, $4)",
            .texts(key, locale, version, value))
    }

    @Test("Every file may be applied again: it is idempotent")
    func idempotent() async throws {
        let session = try await migrated()
        for migration in try MigrationFolder.read(ServiceHome.packageRoot + "/migrations") {
            try session.run(PostgresScript(fileText: migration.text))
        }
        #expect(try session.query("SELECT count(*) FROM leaderboard_epoch").integer(0, 0) == 1)
    }

    @Test("Time columns hold their zone and milliseconds")
    func times() async throws {
        let session = try await migrated()
        let wrong = try session.query(
            """
            SELECT table_name || '.' || column_name FROM information_schema.columns
            WHERE table_schema = 'public' AND data_type LIKE 'timestamp%'
                AND NOT (data_type = 'timestamp with time zone' AND datetime_precision = 3)
            """)
        #expect(wrong.rowCount == 0)
    }

    @Test(
        "Translations that no reader could show are refused, by a rule that is named",
        arguments: [
            ("", "en", "1.0.0", "v", "translations_key"), ("  ", "en", "1.0.0", "v", "translations_key"),
            (" k", "en", "1.0.0", "v", "translations_key"), ("k\n", "en", "1.0.0", "v", "translations_key"),
            (String(repeating: "k", count: 257), "en", "1.0.0", "v", "translations_key"),
            ("k", "en", "1.0.0", " ", "translations_value"), ("k", "en", "1.0.0", "a\u{7}b", "translations_value"),
            ("k", "en", "1.0", "v", "translations_version"), ("k", "en", "01.0.0", "v", "translations_version"),
            ("k", "en", "1.0.0-", "v", "translations_version"), ("k", "en", "1.0.0-01", "v", "translations_version"),
            ("k", "xx", "1.0.0", "v", "translations_locale"), ("k", "EN", "1.0.0", "v", "translations_locale"),
        ])
    func refused(key: String, locale: String, version: String, value: String, rule: String) async throws {
        let session = try await migrated()
        let error = postgresError { try insert(session, key, locale, version, value) }
        #expect(error?.kind == .constraint)
        #expect(error?.constraint == rule)
    }

    @Test("Keys with quotes, percent signs, braces and emoji are taken, and a language is a row")
    func taken() async throws {
        let session = try await migrated()
        for key in ["it's", "100%", "{a}b", "🏆", "a:b", "\\x"] { try insert(session, key, "en", "1.0.0", "v") }
        try session.query("INSERT INTO locales VALUES ('pt-BR'), ('zh-Hant-TW')")
        try insert(session, "k", "pt-BR", "1.0.0-rc.1+build.5", "v")
        #expect(postgresError { try session.query("INSERT INTO locales VALUES ('not_a_tag')") }?.kind == .constraint)
        #expect(postgresError { try insert(session, "k", "pt-BR", "1.0.0-rc.1+build.5", "w") }?.kind == .constraint)
    }

    @Test("Every change leaves one intent a key and locale; an update that changes nothing leaves none")
    func invalidations() async throws {
        let session = try await migrated()
        try session.query(
            """
            INSERT INTO translations (key, locale, version, value)
            SELECT 'k' || (n % 2), 'en', '1.0.' || n, 'v' FROM generate_series(1, 10) AS n
            """)
        #expect(try intents(session) == ["k0/en", "k1/en"])
        try session.query("UPDATE translations SET value = value")
        #expect(try intents(session) == [])
        try session.query("UPDATE translations SET value = 'w' WHERE key = 'k0'")
        #expect(try intents(session) == ["k0/en"])
        try session.query("UPDATE translations SET key = 'k2' WHERE key = 'k0'")
        #expect(try intents(session) == ["k0/en", "k2/en"])
        try session.query("DELETE FROM translations")
        #expect(try intents(session) == ["k1/en", "k2/en"])
        try session.query("DELETE FROM translations")
        #expect(try intents(session) == [])
    }

    @Test("What a program needs and the database has not is named, with the way to it")
    func requirement() async throws {
        let session = try await Database("schema").session()
        let requirement = SchemaRequirement(number: 3, name: "translation_invalidations")
        #expect(try requirement.objection(session)?.contains("gamification-server migrate") == true)
        let all = try MigrationFolder.read(ServiceHome.packageRoot + "/migrations")
        try Migrator(session, Array(all.prefix(2))).apply()
        #expect(try requirement.objection(session)?.contains("migration 3") == true)
        try Migrator(session, all).apply()
        #expect(try requirement.objection(session) == nil)
    }

    @Test("A merchant has one unfinished purge at a time, and points stay exact")
    func constraints() async throws {
        let session = try await migrated()
        let purge: PostgresStatement =
            "INSERT INTO purge_requests (event_id, merchant_id) VALUES (gen_random_uuid(), $1::text::uuid)"
        let merchant = "00000000-0000-0000-0000-000000000001"
        try session.query(purge, .texts(merchant))
        #expect(postgresError { try session.query(purge, .texts(merchant)) }?.sqlState == .uniqueViolation)
        try session.query("UPDATE purge_requests SET done_at = now()")
        try session.query(purge, .texts(merchant))
        let points = postgresError {
            try session.query(
                """
                INSERT INTO customer_points (merchant_id, customer_id, points)
                VALUES (gen_random_uuid(), gen_random_uuid(), 9007199254740992)
                """)
        }
        #expect(points?.constraint == "customer_points_exact")
    }
}
