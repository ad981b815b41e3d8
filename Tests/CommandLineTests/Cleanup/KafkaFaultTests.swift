import Glibc
import TestSupport
import Testing

@Suite("cleanup-translations, Kafka away", ScratchPostgres.requirement, ScratchRedis.requirement)
struct CleanupKafkaFaultTests {
    private static let groups = 2_000
    private static let environment = Program.clean.merging(CleanupStage.clean) { $1 }

    /// A broker and a registry of the test's own, which it may stop.
    private func services() async throws -> (process: ChildProcess, broker: String, registry: String) {
        let process = try ChildProcess([try ProcessRunner.builtBinary("mock-services"), "--exit-with-parent"])
        let lines = try await process.waitForOutput { $0.contains("READY") }.split(separator: "\n")
        func value(_ name: String) throws -> String {
            String(try #require(lines.first { $0.hasPrefix("\(name)=") }).dropFirst(name.count + 1))
        }
        return (process, try value("KAFKA_BROKER"), try value("SCHEMA_REGISTRY_URL"))
    }

    private func seed(_ stage: CleanupStage) async throws {
        try await stage.sql(
            """
            INSERT INTO translations (key, locale, version, value)
            SELECT 'badge.' || k, 'en', '1.' || v || '.0', 'name ' || v
            FROM generate_series(1, \(Self.groups)) AS k, generate_series(1, 5) AS v;
            DELETE FROM translation_invalidations;
            """)
    }

    @Test("Away from the start: with --require-cache exit 5, else the deletion waits; nothing is deleted either way")
    func start() async throws {
        let stage = try await CleanupStage.make()
        try await seed(stage)
        let flags = [
            "--postgres", stage.conninfo, "--redis", "127.0.0.1:\(stage.redis.port)", "-b",
            "127.0.0.1:\(try FreePort.next())", "--schema-registry", stage.services.registry, "--topic", stage.topic,
            "--yes", "--wait", "1s",
        ]
        let refused = try await CleanupStage.run(flags + ["--require-cache"])
        #expect(refused.exitCode == 5, "\(refused.errors)")
        let waiting = try ChildProcess(CleanupStage.command(flags), environment: Self.environment)
        try await waiting.waitForOutput(onErrors: true) { $0.contains("waiting:") }
        #expect(try await stage.sql("SELECT count(*) FROM translations") == "\(Self.groups * 5)")
        waiting.signal(SIGTERM)
        let ended = try await waiting.wait()
        #expect(ended.exitCode == 143, "\(ended.errors)")
        #expect(try await stage.sql("SELECT count(*) FROM translations") == "\(Self.groups * 5)")
    }

    @Test("Away in mid-run: it is waited for and told in the end; with --require-cache the next run tells what is left")
    func midRun() async throws {
        let stage = try await CleanupStage.make()
        let (process, broker, registry) = try await services()
        let flags = [
            "--postgres", stage.conninfo, "--redis", "127.0.0.1:\(stage.redis.port)", "-b", broker,
            "--schema-registry", registry, "--topic", stage.topic, "--yes", "--output", "json",
        ]
        func begin(_ more: [String]) async throws -> ChildProcess {
            let child = try ChildProcess(
                CleanupStage.command(flags + ["--wait", "2s", "--batch-time", "1ms", "--sleep-ratio", "6"] + more),
                environment: Self.environment)
            let hasBegun = try await eventually(deadline: 60) {
                Int(try await stage.sql("SELECT count(*) FROM translations")) ?? .max < Self.groups * 5
            }
            #expect(hasBegun)
            process.signal(SIGSTOP)
            return child
        }
        func told() async throws -> Int {
            let text = try await ProcessRunner.output(of: [
                "kcat", "-b", broker, "-C", "-t", stage.topic, "-o", "beginning", "-e", "-q", "-f", "%k\n",
            ])
            return Set(text.split(separator: "\n")).count
        }
        try await seed(stage)
        let strict = try await begin(["--require-cache"])
        let ended = try await strict.wait(deadline: 90)
        process.signal(SIGCONT)
        #expect(ended.exitCode == 5, "\(ended.errors)")
        // What was deleted stays deleted, and its intents are there.
        let left = Int(try await stage.sql("SELECT count(*) FROM translation_invalidations")) ?? 0
        #expect(left > 0)

        let patient = try await begin([])
        try await patient.waitForOutput(deadline: 90, onErrors: true) { $0.contains("waiting:") }
        process.signal(SIGCONT)
        let done = try await patient.wait(deadline: 90)
        #expect(done.exitCode == 0, "\(done.errors)")
        #expect(try await stage.sql("SELECT count(*) FROM translations") == "\(Self.groups * 3)")
        #expect(try await stage.sql("SELECT count(*) FROM translation_invalidations") == "0")
        #expect(try await told() == Self.groups)
    }
}
