import CommandLine
import EventLoop
import Glibc
import Lifecycle

/// Everything that the process hosts, on one event loop; librdkafka has threads of its own.
final class Services {
    private let loop: EventLoop
    private let server: StandInServer
    private let kafka: KafkaCluster
    private let users: UsersService
    private let auth: AuthService
    private let registryPath: [String]
    private let exitsWithParent: Bool

    init(_ options: Options) throws {
        let loop = try EventLoop()
        let late = try LateAnswers(loop)
        let kafka = try KafkaCluster(brokers: options.brokers)
        for topic in options.topics { try kafka.createTopic(topic.name, partitions: topic.partitions) }
        let users = try UsersService(
            loop, late: late, port: options.usersPort, faults: options.usersFaults, directory: options.directory)
        let auth = try AuthService(loop, late: late, port: options.authPort, faults: options.authFaults)
        let router = Router(
            registry: RegistryAPI(), registryPath: options.registryPath, faults: options.faults, kafka: kafka,
            users: users, auth: auth)
        server = try StandInServer(loop, late: late, port: options.registryPort) { router.answer($0) }
        registryPath = options.registryPath
        exitsWithParent = options.exitsWithParent
        (self.loop, self.kafka, self.users, self.auth) = (loop, kafka, users, auth)
    }

    /// Serves until a signal, or the parent's end, and says so by the exit code. `announce` is given the lines that
    /// say where everything is.
    func run(_ announce: ([String]) throws -> Void) throws -> ExitCode {
        let base = "http://127.0.0.1:\(server.port)"
        let loop = loop
        var signal: Int32?
        let watches = try [SIGINT, SIGTERM].map { number in
            try SignalWatch(loop, signal: number) {
                signal = number
                loop.stop()
            }
        }
        let parent = try exitsWithParent ? ParentWatch(loop) { loop.stop() } : nil
        try announce([
            "KAFKA_BROKER=\(kafka.bootstrapServers)",
            "SCHEMA_REGISTRY_URL=\(base)" + registryPath.map { "/" + $0 }.joined(),
            "USERS_HOST=127.0.0.1:\(users.port)",
            "AUTH_HOST=127.0.0.1:\(auth.port)",
            "MOCK_ADMIN_URL=\(base)/\(Router.adminSegment)",
            "READY",
        ])
        withExtendedLifetime((watches, parent)) { loop.run() }
        // Destroying the cluster waits for its threads; whoever asked for the end need not wait longer than this.
        let code = signal.flatMap(ExitCode.signal) ?? .done
        _ = ShutdownDeadline.arm(seconds: 5, exitCode: code.rawValue)
        return code
    }
}

/// The process cannot serve.
struct MockServicesError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
