import TestSupport

/// Everything that the built `cleanup-translations` is run against: a database of its own, Redis, Kafka, a registry.
struct CleanupStage {
    let postgres: ScratchPostgres
    let database: String
    let redis: ScratchRedis
    let services: Stage
    let topic: String

    static func make(redis: ScratchRedis? = nil, postgres: ScratchPostgres? = nil) async throws -> CleanupStage {
        let server: ScratchPostgres
        if let postgres { server = postgres } else { server = try await ScratchPostgres.shared() }
        let cache: ScratchRedis
        if let redis { cache = redis } else { cache = try await ScratchRedis.shared() }
        let stage = CleanupStage(
            postgres: server, database: try await server.createDatabase("cleanup"), redis: cache,
            services: try await Stage.shared(.mockServices), topic: uniqueName("cache.invalidate"))
        let migrated = try await Server.run([
            "migrate", "--migrations", ServiceHome.packageRoot + "/migrations", "--postgres", stage.conninfo,
        ])
        guard migrated.exitCode == 0 else { throw TestSupportError("not migrated: \(migrated.errors)") }
        return stage
    }

    var conninfo: String { postgres.conninfo(database: database) }

    @discardableResult
    func sql(_ text: String) async throws -> String { try await postgres.psql(text, database: database) }

    /// Flags that name everything.
    var flags: [String] {
        ["--postgres", conninfo, "--redis", "127.0.0.1:\(redis.port)", "-b", services.brokers, "--schema-registry"]
            + [services.registry, "--topic", topic]
    }

    static func command(_ arguments: [String]) throws -> [String] {
        [try ProcessRunner.builtBinary("cleanup-translations")] + arguments
    }

    static let clean: [String: String?] = [
        "GAMIFICATION_POSTGRES": nil, "PGPASSWORD": nil, "GAMIFICATION_REDIS_HOST": nil, "GAMIFICATION_REDIS_PORT": nil,
    ]

    static func run(_ arguments: [String], deadline: Double = 90) async throws -> ProcessResult {
        try await ProcessRunner.run(
            command(arguments), environment: Program.clean.merging(clean) { $1 }, deadline: deadline)
    }

    /// Runs it with all flags, `--yes` and JSON output, which must end with `code`.
    func json(_ arguments: [String] = [], exit code: Int32 = 0) async throws -> JSON {
        let result = try await Self.run(flags + ["--yes", "--output", "json"] + arguments)
        guard result.exitCode == code else {
            throw TestSupportError("exit \(result.status): \(result.errors)\n\(result.output)")
        }
        return try JSON(result.output)
    }

    /// The keys of all records of `cache.invalidate`, sorted.
    func invalidations() async throws -> [String] {
        let text = try await ProcessRunner.output(of: [
            "kcat", "-b", services.brokers, "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-f", "%k\n",
        ])
        return text.split(separator: "\n").map(String.init).sorted()
    }
}
