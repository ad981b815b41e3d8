import Glibc
import Lifecycle
import Synchronization
package import Testing

/// A real schema registry of the test's own, kept in memory; gone with the last reference or the process.
package final class ScratchRegistry: Sendable {
    /// The Confluent API's base, with a path and without a slash at the end.
    package let url: String
    /// `host:port`
    package let address: String

    private let process: ChildProcess
    private let directory: ScratchDirectory

    /// The trait for suites that need the registry: absent, they are skipped; absent with CI=true, they fail.
    package static var requirement: ConditionTrait { ServiceHome.schemaRegistry.requirement }

    private static let sharedTask = Mutex<Task<ScratchRegistry, any Error>?>(nil)

    /// The one registry that the tests of this process share; started on first use, ended with the process.
    package static func shared() async throws -> ScratchRegistry {
        let task = sharedTask.withLock { task in
            let running = task ?? Task { try await start() }
            task = running
            return running
        }
        return try await task.value
    }

    /// Starts a registry and waits until it is ready (about 6 s).
    package static func start() async throws -> ScratchRegistry {
        let registry = try ScratchRegistry(home: try ServiceHome.schemaRegistry.required(), port: try FreePort.next())
        try await registry.waitUntilReady()
        return registry
    }

    private init(home: String, port: UInt16) throws {
        address = "127.0.0.1:\(port)"
        url = "http://\(address)/apis/ccompat/v7"
        directory = try ScratchDirectory("registry")
        process = try ChildProcess(
            ["\(home)/bin/schema-registry-start.sh", address], directory: directory.path,
            output: .file(directory.file("log")), errors: .file(directory.file("log.err")))
        self.port = port
    }

    private let port: UInt16

    private func waitUntilReady() async throws {
        let executor = BlockingExecutor(name: "registry-wait")
        let isReady = await eventually(deadline: 90) { [port] in
            if !process.isRunning { return true }
            return await executor.run { httpStatus(port: port, path: "/health/ready") == 200 }
        }
        guard isReady, process.isRunning else {
            let log = ((try? readText(directory.file("log"))) ?? "").split(separator: "\n").suffix(20)
            throw TestSupportError("the schema registry is not ready:\n\(log.joined(separator: "\n"))")
        }
    }

    /// SIGSTOP: it accepts connections and answers nothing.
    package func freeze() { process.signalGroup(SIGSTOP) }

    /// SIGCONT
    package func thaw() { process.signalGroup(SIGCONT) }

    /// `kill -9`
    package func kill() async throws {
        process.signalGroup(SIGKILL)
        _ = try await process.wait(deadline: 10)
    }
}

/// The status of a GET on loopback, or nil where nobody answers. Blocks.
func httpStatus(port: UInt16, path: String) -> Int? {
    var status: Int?
    _ = FreePort.withSocket(port: port) { socket, address, length in
        guard connect(socket, address, length) == 0 else { return false }
        let request = Array("GET \(path) HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".utf8)
        guard write(socket, request, request.count) == request.count else { return false }
        var answer = [UInt8](repeating: 0, count: 12)
        guard recv(socket, &answer, answer.count, Int32(MSG_WAITALL)) == answer.count else { return false }
        status = Int(String(decoding: answer[9...], as: UTF8.self))
        return true
    }
    return status
}
