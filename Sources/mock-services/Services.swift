import CommandLine
import Glibc
import Lifecycle

/// Everything that the process hosts, on one event loop; librdkafka has threads of its own.
final class Services {
    private let loop: EventLoop
    private let server: HTTPServer
    private let kafka: KafkaCluster
    private let registryPath: [String]
    private let exitsWithParent: Bool

    init(_ options: Options) throws(MockServicesError) {
        loop = try EventLoop()
        let kafka = try KafkaCluster(brokers: options.brokers)
        for topic in options.topics { try kafka.createTopic(topic.name, partitions: topic.partitions) }
        self.kafka = kafka
        registryPath = options.registryPath
        exitsWithParent = options.exitsWithParent
        let router = Router(
            registry: RegistryAPI(), registryPath: options.registryPath, faults: options.faults,
            kafka: kafka)
        server = try HTTPServer(loop: loop, port: options.registryPort) { router.answer($0) }
    }

    /// Serves until a signal, or the parent's end, and says so by the exit code. `announce` is given the lines that
    /// say where everything is.
    func run(_ announce: ([String]) throws -> Void) throws -> ExitCode {
        let base = "http://127.0.0.1:\(server.port)"
        let parent = getppid()
        try loop.onSignals([SIGINT, SIGTERM])
        if exitsWithParent { try loop.every(milliseconds: 250) { getppid() != parent } }
        try announce([
            "KAFKA_BROKER=\(kafka.bootstrapServers)",
            "SCHEMA_REGISTRY_URL=\(base)" + registryPath.map { "/" + $0 }.joined(),
            "MOCK_ADMIN_URL=\(base)/\(Router.adminSegment)",
            "READY",
        ])
        let signal = loop.run()
        // Destroying the cluster waits for its threads; whoever asked for the end need not wait longer than this.
        _ = ShutdownDeadline.arm(
            seconds: 5, exitCode: signal.flatMap(ExitCode.signal)?.rawValue ?? ExitCode.done.rawValue)
        return signal.flatMap(ExitCode.signal) ?? .done
    }
}

/// The process cannot serve.
struct MockServicesError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
