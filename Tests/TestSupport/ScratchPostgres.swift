import Glibc
import Synchronization
package import Testing

/// A real PostgreSQL of the test's own: private directory, socket and port, gone with the last reference or the process.
///
/// The server refuses to run as root; then it runs as user postgres.
package final class ScratchPostgres: Sendable {
    /// The superuser, who needs no password on the socket.
    package static let user = "postgres"
    /// The superuser's password over TCP, where it is asked for.
    package static let password = "scratch-password"

    /// The TCP port on 127.0.0.1, which is also in the socket's name.
    package let port: UInt16
    /// The directory of the socket.
    package let socketDirectory: String
    let directory: ScratchDirectory
    private let settings: [String: String]
    private let process = Mutex<ChildProcess?>(nil)

    /// The trait for suites that need PostgreSQL: absent, they are skipped; absent with CI=true, they fail.
    package static var requirement: ConditionTrait { ServiceHome.postgres.requirement }

    private static let sharedTask = Mutex<Task<ScratchPostgres, any Error>?>(nil)

    /// The one server that the tests of this process share; give each test a database of its own
    /// (``createDatabase(_:)``). Tests that kill it ``start(settings:isDurable:)`` their own.
    package static func shared() async throws -> ScratchPostgres {
        let task = sharedTask.withLock { task in
            let running = task ?? Task { try await start() }
            task = running
            return running
        }
        return try await task.value
    }

    /// Makes and starts a server, and waits until it answers (1 to 2 s).
    ///
    /// `settings` are configuration parameters. Unless `isDurable`, it does not wait for the disk: what a killed
    /// *server* promised is still there after a restart, what a killed machine promised would not be. With `tls` it
    /// offers TLS with the server certificate of those.
    package static func start(
        settings: [String: String] = [:], isDurable: Bool = false, tls certificates: TestCertificates? = nil
    ) async throws -> ScratchPostgres {
        let directory = try ScratchDirectory("pg")
        try giveToServer(directory.path)
        let passwordFile = try directory.write("password", password)
        try giveToServer(passwordFile)
        let home = try ServiceHome.postgres.required()
        try await ProcessRunner.output(
            of: asServer([
                "\(home)/bin/initdb", "-D", directory.file("data"), "-U", user, "--no-sync", "--encoding=UTF8",
                "--locale=C.UTF-8", "--auth-local=trust", "--auth-host=scram-sha-256", "--pwfile=\(passwordFile)",
            ]))
        var settings = settings
        if let certificates {
            // The key must be the server's own, and nobody else's to read.
            for (setting, name) in [("ssl_cert_file", "server.pem"), ("ssl_key_file", "server.key")] {
                let path = try directory.write(name, readText(certificates.directory.file(name)))
                guard chmod(path, 0o600) == 0 else { throw TestSupportError("cannot protect \(path)", code: errno) }
                try giveToServer(path)
                settings[setting] = path
            }
            settings["ssl"] = "on"
        }
        let server = ScratchPostgres(
            directory: directory, port: try FreePort.next(),
            settings: base(isDurable).merging(settings) { _, given in given })
        try await server.resume()
        return server
    }

    /// A hot standby of this server, which streams from it.
    package func startStandby() async throws -> ScratchPostgres {
        let directory = try ScratchDirectory("pg-standby")
        try Self.giveToServer(directory.path)
        let home = try ServiceHome.postgres.required()
        try await ProcessRunner.output(
            of: Self.asServer([
                "\(home)/bin/pg_basebackup", "-D", directory.file("data"), "-R", "--no-sync", "-c", "fast", "-d",
                conninfo(),
            ]))
        let server = ScratchPostgres(directory: directory, port: try FreePort.next(), settings: settings)
        try await server.resume()
        return server
    }

    private init(directory: ScratchDirectory, port: UInt16, settings: [String: String]) {
        self.directory = directory
        self.port = port
        self.settings = settings
        socketDirectory = directory.path
    }

    private static func base(_ isDurable: Bool) -> [String: String] {
        var settings = [
            "listen_addresses": "127.0.0.1", "max_connections": "300", "shared_buffers": "64MB",
            "log_min_messages": "warning", "wal_level": "replica", "max_wal_senders": "3",
        ]
        if !isDurable {
            settings["fsync"] = "off"
            settings["full_page_writes"] = "off"
        }
        return settings
    }

    // MARK: - Connecting

    /// A connection string over the socket, as superuser.
    package func conninfo(database: String = "postgres") -> String {
        "host=\(socketDirectory) port=\(port) user=\(Self.user) dbname=\(database)"
    }

    /// A connection string over TCP, without the password that it needs.
    package func tcpConninfo(database: String = "postgres") -> String {
        "host=127.0.0.1 port=\(port) user=\(Self.user) dbname=\(database)"
    }

    /// Makes a database whose name starts with `label` and is used by no other test, and returns the name.
    package func createDatabase(_ label: String) async throws -> String {
        let name = uniqueName(label).replacing("-", with: "_")
        try await psql("CREATE DATABASE \(name)")
        return name
    }

    /// Runs SQL through psql and returns what it prints: rows as lines, columns separated by `|`.
    @discardableResult
    package func psql(_ sql: String, database: String = "postgres") async throws -> String {
        let text = try await ProcessRunner.output(
            of: ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", conninfo(database: database)],
            input: .text(sql))
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    // MARK: - Killing and restarting

    /// Kills the server's main process; its children notice and follow.
    package func kill() async throws {
        let child = process.withLock { process in
            defer { process = nil }
            return process
        }
        child?.signalGroup(SIGKILL)
        _ = try await child?.wait(deadline: 10)
    }

    /// Starts the server again on the same data and port, after ``kill()``, and waits until it answers.
    package func resume() async throws {
        let home = try ServiceHome.postgres.required()
        let arguments = settings.sorted { $0.key < $1.key }.flatMap { ["-c", "\($0.key)=\($0.value)"] }
        let command = Self.asServer(
            ["\(home)/bin/postgres", "-D", directory.file("data"), "-p", "\(port)", "-k", directory.path] + arguments)
        var last = ""
        // Children of a killed server may hold its shared memory for a moment; then the new one ends at once.
        let isUp = await eventually(deadline: 30) {
            let child = process.withLock { process -> ChildProcess? in
                if process == nil { process = try? ChildProcess(command) }
                return process
            }
            guard let child else { return false }
            if !child.isRunning {
                last = child.errors
                process.withLock { $0 = nil }
                return false
            }
            return (try? await psql("SELECT 1")) == "1"
        }
        guard isUp else {
            throw TestSupportError("PostgreSQL did not start: \(last)\(process.withLock { $0?.errors ?? "" })")
        }
    }

    /// What the server wrote to its log since its last start.
    package var log: String { process.withLock { $0?.errors ?? "" } }

    // MARK: - The server's user

    private static func asServer(_ command: [String]) -> [String] {
        guard getuid() == 0 else { return command }
        return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] + command
    }

    private static func giveToServer(_ path: String) throws {
        guard getuid() == 0 else { return }
        guard let entry = getpwnam("postgres") else { throw TestSupportError("there is no user postgres") }
        guard chown(path, entry.pointee.pw_uid, entry.pointee.pw_gid) == 0 else {
            throw TestSupportError("cannot give \(path) to user postgres", code: errno)
        }
    }
}
