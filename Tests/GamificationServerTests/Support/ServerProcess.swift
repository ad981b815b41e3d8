import LoopTestSupport
import Postgres
import TestSupport

/// A server as a process, with a database of its own, a Redis and stand-ins for everything else.
final class ServerProcess: Sendable {
    let postgres: ScratchPostgres
    let database: String
    let redis: ScratchRedis
    let standIns: StandIns
    let process: ChildProcess
    let grpcAddress: String
    let httpAddress: String

    /// Starts all of it, and waits until the server is ready.
    init(_ arguments: [String] = []) async throws {
        postgres = try await ScratchPostgres.shared()
        database = try await postgres.createDatabase("server")
        let session = try PostgresSession(
            PostgresConfiguration(postgres.conninfo(database: database), applicationName: "server test"))
        try Migrator(session, MigrationFolder.read(ServiceHome.packageRoot + "/migrations")).apply()
        session.close()
        redis = try await ScratchRedis.start()
        let topics = ["badge.awarded", "badge.task", "cache.invalidate", "audit_log"]
        standIns = try await StandIns(topics.flatMap { ["--topic", "\($0):2"] })
        grpcAddress = "127.0.0.1:\(try FreePort.next())"
        httpAddress = "127.0.0.1:\(try FreePort.next())"
        process = try ChildProcess(
            [
                try ProcessRunner.builtBinary("gamification-server"), "serve", "--plaintext", "--grpc-listen",
                grpcAddress, "--http-listen", httpAddress, "--postgres", postgres.conninfo(database: database),
                "--redis", "127.0.0.1:\(redis.port)", "--users-host", standIns.users, "-b", standIns.kafka,
                "--schema-registry", standIns.registryURL,
            ] + arguments)
        let isReady = try await eventually {
            guard process.isRunning else { throw TestSupportError("the server ended: \(process.errors)") }
            return try await get("/ready").status == 200
        }
        guard isReady else { throw TestSupportError("not ready: \(try await get("/ready").body) \(process.errors)") }
    }

    /// A session on the server's database.
    func session() throws -> PostgresSession {
        try PostgresSession(
            PostgresConfiguration(postgres.conninfo(database: database), applicationName: "server test"))
    }

    /// GET by HTTP; status 0 if there is no answer.
    func get(_ path: String) async throws -> (status: Int, type: String, body: String) {
        let result = try await ProcessRunner.run([
            "curl", "--silent", "--globoff", "--write-out", "\n%{http_code} %{content_type}",
            "http://\(httpAddress)\(path)",
        ])
        var lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
        let last = lines.popLast()?.split(separator: " ", maxSplits: 1) ?? []
        return (Int(last.first ?? "") ?? 0, String(last.dropFirst().first ?? ""), lines.joined(separator: "\n"))
    }

    /// The value of a metric's series, as the exposition writes it before the value.
    func metric(_ series: String) async throws -> Double? {
        let text = try await get("/metrics").body
        return text.split(separator: "\n").first { $0.hasPrefix(series + " ") }
            .flatMap { Double($0.dropFirst(series.utf8.count + 1)) }
    }
}
