import Glibc
import Synchronization

/// One node (broker and controller) of a ``ScratchKafka``; it can be killed, stopped, frozen and started again.
package final class ScratchKafkaNode: Sendable {
    /// `node.id`, from 1.
    package let id: Int32
    /// `host:port` of its plaintext listener.
    package let address: String

    private let home: String
    private let directory: ScratchDirectory
    private let heap: String
    private let process = Mutex<ChildProcess?>(nil)

    init(id: Int32, port: UInt16, home: String, directory: ScratchDirectory, heap: String) {
        self.id = id
        address = "127.0.0.1:\(port)"
        self.home = home
        self.directory = directory
        self.heap = heap
    }

    private var propertiesFile: String { directory.file("node\(id).properties") }
    private var environment: [String: String?] {
        ["KAFKA_HEAP_OPTS": heap, "LOG_DIR": directory.file("logs\(id)"), "KAFKA_OPTS": nil]
    }

    /// Where the broker writes its log.
    package var logFile: String { directory.file("node\(id).log") }

    /// The last lines of the broker's log, for messages.
    package var logTail: String {
        let text = (try? readText(logFile)) ?? ""
        return text.split(separator: "\n").suffix(20).joined(separator: "\n")
    }

    func format(properties: [String: String], clusterID: String) async throws {
        let text = properties.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)\n" }.joined()
        try writeText(text, to: propertiesFile)
        try await ProcessRunner.output(
            of: ["\(home)/bin/kafka-storage.sh", "format", "-t", clusterID, "-c", propertiesFile],
            environment: environment)
    }

    /// Starts the process; ``ScratchKafka/waitUntilReady(deadline:)`` waits for it. `overrides` hold for this start.
    package func start(overrides: [String: String] = [:]) throws {
        let extra = overrides.flatMap { ["--override", "\($0.key)=\($0.value)"] }
        let child = try ChildProcess(
            ["\(home)/bin/kafka-server-start.sh", propertiesFile] + extra, environment: environment,
            output: .file(logFile), errors: .file(logFile + ".err"))
        process.withLock { $0 = child }
    }

    /// Whether its process runs (frozen or not).
    package var isRunning: Bool { process.withLock { $0?.isRunning ?? false } }

    /// `kill -9`
    package func kill() async throws {
        guard let child = process.withLock({ $0 }) else { return }
        child.signalGroup(SIGKILL)
        _ = try await child.wait(deadline: 10)
    }

    /// TERM, and KILL after 30 seconds.
    package func stop() async throws {
        guard let child = process.withLock({ $0 }) else { return }
        child.signal(SIGTERM)
        _ = try await child.wait(deadline: 30)
    }

    /// SIGSTOP: it keeps its connections and answers nothing.
    package func freeze() { process.withLock { $0 }?.signal(SIGSTOP) }

    /// SIGCONT
    package func thaw() { process.withLock { $0 }?.signal(SIGCONT) }
}
