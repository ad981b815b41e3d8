import Glibc
import Synchronization
package import Testing

/// A real redis-server of the test's own on 127.0.0.1: private directory and port, gone with the last reference or the
/// process.
package final class ScratchRedis: Sendable {
    /// The port on 127.0.0.1.
    package let port: UInt16
    let directory: ScratchDirectory
    private let options: [String]
    private let process = Mutex<ChildProcess?>(nil)

    /// The trait for suites that need Redis: absent, they are skipped; absent with CI=true, they fail.
    package static var requirement: ConditionTrait {
        let isStrict = Spawn.inheritedEnvironment()["CI"] == "true"
        return .enabled(
            if: ProcessRunner.isInstalled("redis-server") || isStrict, "skipped: redis-server is not installed")
    }

    private static let sharedTask = Mutex<Task<ScratchRedis, any Error>?>(nil)

    /// The one server that the tests of this process share; use keys that no other test uses. Tests that kill or
    /// configure it ``start(_:)`` their own.
    package static func shared() async throws -> ScratchRedis {
        let task = sharedTask.withLock { task in
            let running = task ?? Task { try await start() }
            task = running
            return running
        }
        return try await task.value
    }

    /// Makes and starts a server, and waits until it answers. `options` are arguments of redis-server, for example
    /// `--maxmemory 5mb`. It keeps nothing on disk unless they say so.
    package static func start(_ options: [String] = []) async throws -> ScratchRedis {
        let server = try ScratchRedis(options)
        try await server.resume()
        return server
    }

    init(_ options: [String]) throws {
        directory = try ScratchDirectory("redis")
        port = try FreePort.next()
        self.options = options
    }

    /// Starts the server on the same directory and port, after ``kill()`` or ``stop()``, and waits until it answers.
    package func resume() async throws {
        let child = try ChildProcess(
            [
                "redis-server", "--port", "\(port)", "--bind", "127.0.0.1", "--dir", directory.path, "--save", "",
                "--appendonly", "no", "--protected-mode", "no", "--daemonize", "no",
            ] + options)
        process.withLock { $0 = child }
        let isUp = await eventually { !child.isRunning || Self.answers(port) }
        guard isUp, child.isRunning else { throw TestSupportError("redis-server did not start: \(child.output)") }
    }

    /// Kills the server.
    package func kill() async throws {
        let child = process.withLock { process in
            defer { process = nil }
            return process
        }
        child?.signal(SIGKILL)
        _ = try await child?.wait(deadline: 10)
    }

    /// Removes what a killed server left on disk, so that it comes back empty.
    package func removeData() {
        for name in directory.names() { removeTree(directory.file(name)) }
    }

    /// Makes the server hang: its port still takes connections, and nothing answers.
    package func freeze() { process.withLock { $0?.signal(SIGSTOP) } }

    /// Ends ``freeze()``.
    package func thaw() { process.withLock { $0?.signal(SIGCONT) } }

    /// Runs redis-cli and returns what it prints, without the last line break.
    @discardableResult
    package func cli(_ arguments: String...) async throws -> String {
        let text = try await ProcessRunner.output(of: ["redis-cli", "-p", "\(port)"] + arguments)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    /// Whether a server takes connections and answers a PING, with whatever.
    private static func answers(_ port: UInt16) -> Bool {
        FreePort.withSocket(port: port) { socket, address, length in
            guard connect(socket, address, length) == 0, send(socket, "PING\r\n", 6, Int32(MSG_NOSIGNAL)) == 6 else {
                return false
            }
            var byte: UInt8 = 0
            return recv(socket, &byte, 1, 0) == 1
        }
    }
}
