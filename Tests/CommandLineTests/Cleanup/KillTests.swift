import Glibc
import TestSupport
import Testing

/// Kills the prune again and again. PRUNE_KILLS and PRUNE_ROWS make it the long proof of `make prove-prune-kills`; SEED
/// changes the moments.
@Suite("cleanup-translations, killed", ScratchPostgres.requirement, ScratchRedis.requirement)
struct CleanupKillTests {
    private static func number(_ name: String, _ standard: Int) -> Int {
        getenv(name).flatMap { Int(String(cString: $0)) } ?? standard
    }

    private static let kills = number("PRUNE_KILLS", 8)
    private static let groups = number("PRUNE_ROWS", 10_000) / 10

    @Test(
        "After kills at random moments, nothing deleted is cached, no newest version is gone, the archive has the rest")
    func kills() async throws {
        let redis = try await ScratchRedis.start()
        let stage = try await CleanupStage.make(redis: redis)
        try await stage.sql(
            """
            INSERT INTO translations (key, locale, version, value)
            SELECT 'badge.' || k, 'en', '1.' || v || '.0', 'name ' || v
            FROM generate_series(1, \(Self.groups)) AS k, generate_series(1, 10) AS v;
            DELETE FROM translation_invalidations;
            """)
        // It slows the server down and not the program, which has two batches under way then as always.
        try await stage.sql(
            """
            CREATE FUNCTION take_time() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM pg_sleep(0.03);
                RETURN NULL;
            END
            $$;
            CREATE TRIGGER slow AFTER DELETE ON translations FOR EACH STATEMENT EXECUTE FUNCTION take_time();
            """)
        let digest = "SELECT md5(string_agg(t::text, ',' ORDER BY id)) FROM translations AS t"
        let before = try await stage.sql(digest)
        // Every cached name is that of a version that goes.
        try await fill(redis)
        let folder = try ScratchDirectory("kills")
        let arguments =
            stage.flags + ["--yes", "--archive", folder.file("old.avro"), "--batch-time", "1ms"]

        var random = SystemRandomNumberGenerator()
        var seeded = UInt64(Self.number("SEED", Int(UInt32.random(in: 1 ... .max, using: &random))))
        print("SEED=\(seeded)")
        // The window is adapted so that the prune lasts until about the last kill.
        var window = 0.2
        var killed = 0
        var inMidRun = 0
        var attempts = 0
        var left = Self.groups * 7
        while killed < Self.kills || inMidRun < Self.kills / 4, attempts < 6 * Self.kills, left > 0 {
            attempts += 1
            seeded = seeded &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let moment = 2 * window * Double(seeded >> 33) / Double(1 << 31)
            let result = try await CleanupStage.run(arguments, deadline: moment)
            if result.timedOut { killed += 1 } else { #expect(result.exitCode == 0, "\(result.errors)") }
            let now = try await victims(stage)
            if result.timedOut, now > 0, now < Self.groups * 7 { inMidRun += 1 }
            let isFast = left - now > now / max(1, Self.kills - killed)
            window = min(10, max(0.1, window * (isFast ? 0.7 : now == left ? 1.2 : 1.1)))
            left = now
        }
        let last = try await CleanupStage.run(arguments)
        #expect(last.exitCode == 0, "\(last.errors)")
        print("\(killed) of \(attempts) runs were killed, \(inMidRun) of them between the first row and the last")
        #expect(inMidRun >= Self.kills / 4)

        let rest = try await stage.sql("SELECT count(*), count(DISTINCT key), min(version) FROM translations")
        #expect(rest == "\(Self.groups * 3)|\(Self.groups)|1.10.0")
        #expect(try await stage.sql("SELECT count(*) FROM translations WHERE version = '1.10.0'") == "\(Self.groups)")
        #expect(try await stage.sql("SELECT count(*) FROM translation_invalidations") == "0")
        #expect(try await redis.cli("dbsize") == "0")
        #expect(Set(try await stage.invalidations()).count == Self.groups)
        let restored = try await CleanupStage.run(stage.flags + ["--yes", "--restore", folder.file("old.avro")])
        #expect(restored.exitCode == 0, "\(restored.errors)")
        #expect(try await stage.sql(digest) == before)
    }

    /// Rows that are still to go.
    private func victims(_ stage: CleanupStage) async throws -> Int {
        let count = try await stage.sql(
            "SELECT count(*) FROM translations WHERE version NOT IN ('1.8.0', '1.9.0', '1.10.0')")
        return Int(count) ?? -1
    }

    private func fill(_ redis: ScratchRedis) async throws {
        let commands = (1...Self.groups).map { "SET translations:badge.\($0):en \"1.2.0|name 2\"\n" }.joined()
        try await ProcessRunner.output(of: ["redis-cli", "-p", "\(redis.port)"], input: .text(commands))
    }
}
