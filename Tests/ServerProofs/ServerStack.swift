import HTTPClient
import Kafka
import Lifecycle
import Postgres
import SchemaRegistry
import TestSupport

@testable import gamification_server

/// Everything that a whole server needs, of the test's own: Kafka with the topics' real names, a migrated database, Redis,
/// and stand-ins for the registry and users-service.
final class ServerStage: Sendable {
    /// A server that runs.
    struct Running: Sendable {
        let process: ChildProcess
        let http: String
    }

    private let kafka: ScratchKafka
    private let database: LedgerDatabase
    private let redis: ScratchRedis
    private let services: StandIns
    private let directory: ScratchDirectory
    private let rules: String
    private let records: SagaRecords

    init() async throws {
        kafka = try await ScratchKafka.start()
        for topic in [
            "points.earned", "customer.updated", "badge.awarded", "badge.task", "cache.invalidate", "audit_log",
            "gamification.replay", "gamification.dlq", "gamification.dlq.parked",
        ] { try await kafka.createTopic(named: topic, partitions: 2) }
        for topic in ["gamification.redrive.progress", "gamification.redrive.runs"] {
            try await kafka.createTopic(named: topic, settings: ["cleanup.policy": "compact"])
        }
        database = try await LedgerDatabase()
        redis = try await ScratchRedis.start()
        services = try await StandIns()
        directory = try ScratchDirectory("rules")
        rules = try directory.write(
            "rules.json",
            """
            {"version": 1, "rules": [{"badge": "badge.gold", "when": {"total_points": 100}},
                                     {"badge": "badge.big", "when": {"event_points": 400}}]}
            """)
        let client = SchemaRegistryClient(SchemaRegistryConfiguration(baseURL: try HTTPURL(services.registryURL)))
        func register(_ subject: String) async throws -> Int32 {
            let schema = try readText("\(ServiceHome.packageRoot)/schemas/\(subject).avsc")
            return try await client.register(subject: "\(subject)-value", schema: schema)
        }
        records = SagaRecords(
            schemas: (try await register("points.earned"), try await register("customer.updated")))
        try await translate("badge.gold")
    }

    /// Starts a server and waits until it is ready.
    func start() async throws -> Running {
        let http = "127.0.0.1:\(try FreePort.next())"
        let process = try ChildProcess([
            try ProcessRunner.builtBinary("gamification-server"), "serve", "--plaintext", "--grpc-listen",
            "127.0.0.1:\(try FreePort.next())", "--http-listen", http, "--postgres",
            database.server.conninfo(database: database.name), "--redis", "127.0.0.1:\(redis.port)", "--users-host",
            services.users, "-b", kafka.bootstrapServers, "--schema-registry", services.registryURL, "--rules", rules,
        ])
        let isReady = try await eventually(deadline: 60) {
            guard process.isRunning else { throw TestSupportError("the server ended: \(process.errors)") }
            return try await ProcessRunner.run(["curl", "--silent", "--fail", "http://\(http)/ready"]).exitCode == 0
        }
        guard isReady else { throw TestSupportError("the server is not ready: \(process.errors)") }
        return Running(process: process, http: http)
    }

    func points(_ event: Int, customer: Int, points: Int64) -> OutgoingRecord {
        records.points(event, customer: customer, points: points)
    }

    func publish(_ records: [OutgoingRecord], to topic: String) async throws {
        try await SagaRecords.publish(
            records, to: topic, KafkaConfiguration(bootstrapServers: kafka.bootstrapServers, clientID: "test"))
    }

    /// Gives a badge a name.
    func translate(_ badge: String) async throws {
        try await sql(
            "INSERT INTO translations (key, locale, value, version) VALUES ('\(badge)', 'en', 'A badge', '1.0.0')")
    }

    /// The badges of a customer and whether their events are published, a line each.
    func awards(customer: Int) async throws -> String {
        try await sql(
            """
            SELECT badge, published_at IS NOT NULL FROM badge_awards
            WHERE customer_id = '\(SagaRecords.customer(customer))' ORDER BY badge
            """)
    }

    /// The headers of all dead letters.
    func deadLetters() async throws -> String {
        try await kafka.kcat(["-C", "-t", "gamification.dlq", "-o", "beginning", "-e", "-q", "-f", "%h\\n"]).output
    }

    /// Drains the dead-letter topic into the replay topic.
    func drain() async throws -> ProcessResult {
        try await ProcessRunner.run([
            try ProcessRunner.builtBinary("reprocess-dlq"), "-b", kafka.bootstrapServers, "--schema-registry",
            services.registryURL, "--yes",
        ])
    }

    @discardableResult
    func sql(_ text: String) async throws -> String { try await database.psql(text) }
}
