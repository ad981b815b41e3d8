import TestSupport
import Testing

/// The built `gamification-server`, on a database of its own.
struct Server {
    let postgres: ScratchPostgres
    let database: String

    init() async throws {
        postgres = try await ScratchPostgres.shared()
        database = try await postgres.createDatabase("migrate")
    }

    static func run(_ arguments: [String], environment: [String: String?] = [:]) async throws -> ProcessResult {
        let clean: [String: String?] = [
            "GAMIFICATION_POSTGRES": nil, "PGPASSWORD": nil, "GAMIFICATION_MIGRATIONS": nil,
        ]
        return try await ProcessRunner.run(
            [try ProcessRunner.builtBinary("gamification-server")] + arguments,
            environment: Program.clean.merging(clean) { $1 }.merging(environment) { $1 })
    }

    func migrate(_ arguments: [String] = [], folder: String? = nil) async throws -> ProcessResult {
        let folder = folder ?? ServiceHome.packageRoot + "/migrations"
        return try await Self.run(
            ["migrate", "--migrations", folder, "--postgres", postgres.conninfo(database: database)] + arguments)
    }

    /// The JSON document of a call that must end with `code`.
    func json(_ arguments: [String], exit code: Int32 = 0, folder: String? = nil) async throws -> JSON {
        let result = try await migrate(arguments + ["--output", "json"], folder: folder)
        guard result.exitCode == code else { throw TestSupportError("exit \(result.status): \(result.errors)") }
        return try JSON(result.output)
    }
}

@Suite("gamification-server migrate", ScratchPostgres.requirement)
struct MigrateTests {
    @Test("A dry run and a status change nothing; migrate applies all, and a second one nothing")
    func whole() async throws {
        let server = try await Server()
        let count = try await server.json(["--dry-run"])["pending"].array.count
        #expect(count >= 7)
        #expect(try await server.json(["--status"])["migrations"][0]["state"].string == "pending")
        #expect(try await server.json([])["applied"].array.count == count)
        let again = try await server.json([])
        #expect(again["applied"].array.isEmpty && again["pending"].array.isEmpty)
        let status = try await server.migrate(["--status"])
        #expect(status.exitCode == 0 && status.output.contains("translation_invalidations"))
        #expect(try await server.postgres.psql("SELECT count(*) FROM translations", database: server.database) == "0")
    }

    @Test("A changed file is refused with exit 6, and a folder that is not there too")
    func refused() async throws {
        let server = try await Server()
        let folder = try ScratchDirectory("migrations")
        try folder.write("0001_a.sql", "CREATE TABLE a (id int);")
        _ = try await server.json([], folder: folder.path)
        try folder.write("0001_a.sql", "CREATE TABLE a (id bigint);")
        let altered = try await server.json([], exit: 6, folder: folder.path)
        #expect(altered["error"].string?.contains("was changed after it was applied") == true)
        #expect(try await server.migrate(folder: folder.file("nowhere")).exitCode == 6)
    }

    @Test("A wrong password is exit 4, nobody there exit 5, and neither string nor password is shown")
    func connecting() async throws {
        let postgres = try await ScratchPostgres.shared()
        let folder = ServiceHome.packageRoot + "/migrations"
        let wrong = try await Server.run(
            ["migrate", "--migrations", folder, "--postgres", postgres.tcpConninfo()],
            environment: ["PGPASSWORD": "hunter2"])
        #expect(wrong.exitCode == 4 && !wrong.errors.contains("hunter2"), "\(wrong.errors)")
        let file = try ScratchDirectory("password")
        try file.write("secret", ScratchPostgres.password + "\n")
        let right = try await Server.run([
            "migrate", "--status", "--migrations", folder, "--postgres", postgres.tcpConninfo(),
            "--postgres-password-file", file.file("secret"),
        ])
        #expect(right.exitCode == 0, "\(right.errors)")
        let nobody = try await Server.run(
            ["migrate", "--migrations", folder, "--postgres", "host=127.0.0.1 port=\(try FreePort.next())"])
        #expect(nobody.exitCode == 5, "\(nobody.errors)")
    }

    @Test("Every mistake in the call is reported at once, and a password on the command line is one")
    func usage() async throws {
        let result = try await Server.run([
            "migrate", "--status", "--dry-run", "--wait", "soon", "--postgres", "host=h password=hunter2",
        ])
        #expect(result.exitCode == 2)
        #expect(!result.errors.contains("hunter2"))
        for part in ["--status and --dry-run", "--wait", "--postgres-password-file"] {
            #expect(result.errors.contains(part), "\(result.errors)")
        }
    }

    @Test(
        "Help and man page are those in the repository",
        arguments: ["", "serve", "check-config", "migrate", "verify-leaderboard", "rebuild-leaderboard"])
    func help(command: String) async throws {
        let result = try await Server.run((command.isEmpty ? [] : [command]) + ["--help"])
        #expect(result.exitCode == 0 && result.errors.isEmpty)
        let name = "server-help\(command.isEmpty ? "" : "-\(command)").txt"
        try Golden.expect(result.output, in: Golden.fixture(name))
        let page = try await Server.run(["man"])
        try Golden.expect(page.output, in: ServiceHome.packageRoot + "/man/gamification-server.1")
    }
}
