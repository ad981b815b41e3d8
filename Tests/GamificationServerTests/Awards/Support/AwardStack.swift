import HTTPClient
import TestSupport

/// Everything that awards need, real where it can be: PostgreSQL, Redis, Kafka's mock cluster and a schema registry of
/// `mock-services`, a users-service that knows everybody but those whose id begins with `dead`.
final class AwardStack: Sendable {
    let postgres: ScratchPostgres
    let database: String
    let redis: ScratchRedis
    let mocks: ChildProcess
    let users: ChildProcess
    let kafka: String
    let registry: String
    let admin: String
    let usersPort: String

    static let badges = ["first-purchase", "early-bird", "regular", "collector", "champion"]

    /// - Parameter ownPostgres: a server of the test's own, which it may kill.
    init(ownPostgres: Bool = false) async throws {
        postgres = ownPostgres ? try await .start() : try await .shared()
        database = try await postgres.createDatabase("awards")
        redis = try await ScratchRedis.start()
        mocks = try ChildProcess(
            [try ProcessRunner.builtBinary("mock-services")]
                + ["badge.awarded", "badge.task", "cache.invalidate", "audit_log"].flatMap { ["--topic", "\($0):2"] })
        users = try ChildProcess([try ProcessRunner.builtBinary("award-load"), "users", "0"])
        let said = try await mocks.waitForOutput { $0.contains("READY") }
        func value(_ name: String, _ text: String) throws -> String {
            guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name + "=") }) else {
                throw TestSupportError("no \(name) in \(text)")
            }
            return String(line.dropFirst(name.utf8.count + 1))
        }
        kafka = try value("KAFKA_BROKER", said)
        registry = try value("SCHEMA_REGISTRY_URL", said)
        admin = try value("MOCK_ADMIN_URL", said)
        usersPort = try value("PORT", try await users.waitForOutput { $0.contains("PORT=") })
        let migrated = try await ProcessRunner.run([
            try ProcessRunner.builtBinary("gamification-server"), "migrate", "--migrations",
            ServiceHome.packageRoot + "/migrations", "--postgres", postgres.conninfo(database: database),
        ])
        guard migrated.exitCode == 0 else { throw TestSupportError(migrated.errors) }
        for badge in Self.badges {
            _ = try await sql(
                "INSERT INTO translations (key, locale, value, version) VALUES ('\(badge)', 'en', 'x', '1.0.0')")
        }
    }

    @discardableResult
    func sql(_ text: String) async throws -> String { try await postgres.psql(text, database: database) }

    /// Tells the mocks to misbehave.
    func misbehave(_ path: String, _ body: String) async throws {
        let answer = try await HTTPClient().send(
            HTTPRequest(
                .post, try HTTPURL(admin + path), headers: [("content-type", "application/json")],
                body: Array(body.utf8)))
        guard answer.status < 300 else { throw TestSupportError("\(path): \(answer.status)") }
    }

    /// A running server that is ready.
    func start(_ arguments: [String] = []) async throws -> AwardServer {
        try await AwardServer(self, arguments)
    }
}

/// One instance of the built server.
final class AwardServer: Sendable {
    let process: ChildProcess
    let grpcPort: UInt16
    let httpPort: UInt16

    init(_ stack: AwardStack, _ arguments: [String], waitsForReady: Bool = true) async throws {
        grpcPort = try FreePort.next()
        httpPort = try FreePort.next()
        process = try ChildProcess(
            [
                try ProcessRunner.builtBinary("gamification-server"), "serve", "--plaintext",
                "--grpc-listen", "127.0.0.1:\(grpcPort)", "--http-listen", "127.0.0.1:\(httpPort)",
                "--postgres", stack.postgres.conninfo(database: stack.database),
                "--redis", "127.0.0.1:\(stack.redis.port)", "-b", stack.kafka, "--schema-registry", stack.registry,
                "--users-host", "127.0.0.1:\(stack.usersPort)",
            ] + arguments)
        guard waitsForReady else { return }
        _ = try await process.waitForOutput(deadline: 60, onErrors: true) { $0.contains("INFO    ready") }
    }

    /// Status and body of a GET.
    func get(_ path: String) async throws -> (status: Int, body: String) {
        let answer = try await HTTPClient().send(
            HTTPRequest(.get, try HTTPURL("http://127.0.0.1:\(httpPort)\(path)")))
        return (answer.status, String(decoding: answer.body, as: UTF8.self))
    }
}
