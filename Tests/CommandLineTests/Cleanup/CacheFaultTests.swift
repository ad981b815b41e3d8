import Glibc
import TestSupport
import Testing

@Suite("cleanup-translations, caches that fail in mid-run", ScratchPostgres.requirement, ScratchRedis.requirement)
struct CleanupCacheFaultTests {
    private static let groups = 3_000

    /// Starts a prune that takes some seconds, and returns when the first rows are gone.
    private func begin(_ stage: CleanupStage) async throws -> ChildProcess {
        try await stage.sql(
            """
            INSERT INTO translations (key, locale, version, value)
            SELECT 'badge.' || k, 'en', '1.' || v || '.0', 'name ' || v
            FROM generate_series(1, \(Self.groups)) AS k, generate_series(1, 10) AS v;
            DELETE FROM translation_invalidations;
            """)
        let child = try ChildProcess(
            CleanupStage.command(
                stage.flags + ["--yes", "--output", "json", "--batch-time", "1ms", "--sleep-ratio", "6"]),
            environment: Program.clean.merging(CleanupStage.clean) { $1 })
        let hasBegun = try await eventually {
            Int(try await stage.sql("SELECT count(*) FROM translations")) ?? .max < Self.groups * 10
        }
        #expect(hasBegun)
        return child
    }

    private func check(_ stage: CleanupStage, _ child: ChildProcess) async throws {
        let ended = try await child.wait(deadline: 120)
        #expect(ended.exitCode == 0, "\(ended.errors)")
        let outcome = try JSON(ended.output)
        #expect(outcome["deleted"].int == Self.groups * 7 && outcome["invalidated"].int == Self.groups)
        #expect(try await stage.sql("SELECT count(*) FROM translation_invalidations") == "0")
        #expect(Set(try await stage.invalidations()).count == Self.groups)
    }

    @Test("A signal ends the run when what it has deleted is told")
    func signal() async throws {
        let stage = try await CleanupStage.make()
        let child = try await begin(stage)
        child.signal(SIGTERM)
        let ended = try await child.wait(deadline: 60)
        #expect(ended.exitCode == 143 && !ended.errors.contains("error"), "\(ended.errors)")
        let outcome = try JSON(ended.output)
        let left = Int(try await stage.sql("SELECT count(*) FROM translations")) ?? 0
        #expect(outcome["deleted"].int == Self.groups * 10 - left)
        #expect(try await stage.sql("SELECT count(*) FROM translation_invalidations") == "0")
        #expect(try await stage.invalidations().count == outcome["invalidated"].int)
    }

    @Test("Redis is killed and comes back empty: the run waits for it and ends well")
    func restart() async throws {
        let redis = try await ScratchRedis.start()
        let stage = try await CleanupStage.make(redis: redis)
        let child = try await begin(stage)
        try await redis.kill()
        try await redis.resume()
        try await check(stage, child)
    }

    @Test("PostgreSQL is killed and comes back: the run connects anew, takes its lock again and ends well")
    func database() async throws {
        let postgres = try await ScratchPostgres.start()
        let stage = try await CleanupStage.make(postgres: postgres)
        let child = try await begin(stage)
        try await postgres.kill()
        try await postgres.resume()
        let ended = try await child.wait(deadline: 120)
        #expect(ended.exitCode == 0, "\(ended.errors)")
        #expect(try JSON(ended.output)["reconnects"].int ?? 0 > 0)
        #expect(try await stage.sql("SELECT count(*), count(DISTINCT key) FROM translations") == "9000|3000")
        #expect(try await stage.sql("SELECT count(*) FROM translation_invalidations") == "0")
        #expect(Set(try await stage.invalidations()).count == Self.groups)
    }

    @Test("A primary of a six-node cluster dies: after the failover no name of a deleted version is cached")
    func failover() async throws {
        let cluster = try await ScratchRedisCluster.start()
        let stage = try await CleanupStage.make(redis: cluster.nodes[0])
        let names = (1...Self.groups).map { "SET translations:{badge.\($0)}:en \"1.2.0|name 2\"\n" }.joined()
        try await ProcessRunner.output(
            of: ["redis-cli", "-c", "-p", "\(cluster.nodes[0].port)"], input: .text(names))
        let child = try await begin(stage)
        try await cluster.nodes[1].kill()
        try await check(stage, child)
        for node in cluster.nodes where node.port != cluster.nodes[1].port {
            let keys = try await node.cli("--scan", "--pattern", "translations:*")
            #expect(keys.isEmpty, "\(keys.prefix(200))")
        }
    }
}
