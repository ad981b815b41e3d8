import HTTPClient
package import Kafka
import Lifecycle
import SchemaRegistry
package import TestSupport

/// Everything that whole servers need, of the test's own: Kafka with the topics' real names, a migrated PostgreSQL, a Redis,
/// and stand-ins for the registry and users-service.
package final class ServerStack: Sendable {
    package let kafka: ScratchKafka
    package let postgres: ScratchPostgres
    package let redis: ScratchRedis
    package let services: StandIns
    package let records: SagaRecords
    package let partitions: Int
    private let directory: ScratchDirectory
    private let rules: String
    private let arguments: [String]
    private let server: String

    /// The badges of the rules that the saga goes by, and what they ask for.
    package static let rules = [
        (badge: "badge.gold", member: "total_points", points: Int64(100)),
        (badge: "badge.big", member: "event_points", points: Int64(400)),
        (badge: "badge.huge", member: "event_points", points: Int64(4_000)),
    ]
    package static let database = "gamification"

    /// - Parameters:
    ///   - redis: arguments of redis-server.
    ///   - arguments: further ones of every server.
    ///   - server: its executable; nil for the one beside this.
    package init(
        partitions: Int = 2, redis options: [String] = [], arguments: [String] = [], server: String? = nil
    ) async throws {
        self.partitions = partitions
        self.arguments = arguments
        self.server = try server ?? ProcessRunner.builtBinary("gamification-server")
        kafka = try await ScratchKafka.start()
        for topic in [
            "points.earned", "customer.updated", "badge.awarded", "badge.task", "cache.invalidate", "audit_log",
            "gamification.replay", "gamification.dlq", "gamification.dlq.parked",
        ] { try await kafka.createTopic(named: topic, partitions: partitions) }
        for topic in ["gamification.redrive.progress", "gamification.redrive.runs"] {
            try await kafka.createTopic(named: topic, settings: ["cleanup.policy": "compact"])
        }
        postgres = try await ScratchPostgres.start()
        try await postgres.psql("CREATE DATABASE \(Self.database)")
        try await ProcessRunner.output(of: [
            try ProcessRunner.builtBinary("gamification-server"), "migrate", "--migrations",
            ServiceHome.packageRoot + "/migrations", "--postgres", postgres.conninfo(database: Self.database),
        ])
        redis = try await ScratchRedis.start(options)
        services = try await StandIns()
        directory = try ScratchDirectory("rules")
        rules = "\(directory.path)/rules.json"
        let client = SchemaRegistryClient(SchemaRegistryConfiguration(baseURL: try HTTPURL(services.registryURL)))
        func register(_ subject: String) async throws -> Int32 {
            let schema = try readText("\(ServiceHome.packageRoot)/schemas/\(subject).avsc")
            return try await client.register(subject: "\(subject)-value", schema: schema)
        }
        records = SagaRecords(
            schemas: (try await register("points.earned"), try await register("customer.updated")))
        let list = Self.rules.map { "{\"badge\": \"\($0.badge)\", \"when\": {\"\($0.member)\": \($0.points)}}" }
        try writeRules("{\"version\": 1, \"rules\": [\(list.joined(separator: ", "))]}")
    }

    /// Starts a server; on ports of its own unless they are given, as those of an earlier one.
    package func start(at addresses: ServerInstance.Addresses? = nil, waitsForReady: Bool = true) async throws
        -> ServerInstance
    {
        let addresses = try addresses ?? ServerInstance.Addresses()
        let process = try ChildProcess(
            [
                server, "serve", "--plaintext", "--grpc-listen",
                addresses.grpc, "--http-listen", addresses.http, "--postgres",
                postgres.conninfo(database: Self.database), "--redis", "127.0.0.1:\(redis.port)", "--users-host",
                services.users, "-b", kafka.bootstrapServers, "--schema-registry", services.registryURL, "--rules",
                rules,
            ] + arguments)
        let instance = ServerInstance(process: process, addresses: addresses)
        if waitsForReady { try await instance.waitUntilReady() }
        return instance
    }

    /// As the server and its neighbours are told.
    var client: KafkaConfiguration {
        KafkaConfiguration(
            bootstrapServers: kafka.bootstrapServers, clientID: "test",
            properties: [.init("reconnect.backoff.max.ms", "500")])
    }

    /// Puts another text in place of the file of rules; a server reads it when it starts, and on SIGHUP.
    package func writeRules(_ text: String) throws { try directory.write("rules.json", text) }

    package func publish(_ records: [OutgoingRecord], to topic: String) async throws {
        try await SagaRecords.publish(records, to: topic, client)
    }

    /// Gives a badge a name.
    package func translate(_ badge: String) async throws {
        try await sql(
            "INSERT INTO translations (key, locale, value, version) VALUES ('\(badge)', 'en', 'A badge', '1.0.0')")
    }

    /// Key and headers of all dead letters, a line each.
    package func deadLetters() async throws -> String {
        try await kafka.kcat(["-C", "-t", "gamification.dlq", "-o", "beginning", "-e", "-q", "-f", "%k %h\\n"]).output
    }

    /// Drains the dead-letter topic into the replay topic.
    package func drain() async throws -> ProcessResult {
        try await ProcessRunner.run(
            [
                try ProcessRunner.builtBinary("reprocess-dlq"), "-b", kafka.bootstrapServers, "--schema-registry",
                services.registryURL, "--yes", "--rate", "max", "--allow-mass-park",
            ], deadline: 120)
    }

    @discardableResult
    package func sql(_ text: String) async throws -> String { try await postgres.psql(text, database: Self.database) }
}

/// One server.
package struct ServerInstance: Sendable {
    /// Where it serves.
    package struct Addresses: Sendable {
        package let grpcPort: UInt16
        package let httpPort: UInt16
        var grpc: String { "127.0.0.1:\(grpcPort)" }
        var http: String { "127.0.0.1:\(httpPort)" }

        init() throws { (grpcPort, httpPort) = (try FreePort.next(), try FreePort.next()) }
    }

    package let process: ChildProcess
    package let addresses: Addresses

    func waitUntilReady() async throws {
        let (client, ready) = (HTTPClient(), HTTPRequest(.get, try HTTPURL("http://\(addresses.http)/ready")))
        let isReady = try await eventually(deadline: 60) {
            guard process.isRunning else { throw TestSupportError("the server ended: \(process.errors)") }
            return (try? await client.send(ready))?.status == 200
        }
        guard isReady else { throw TestSupportError("the server is not ready: \(process.errors)") }
    }
}
