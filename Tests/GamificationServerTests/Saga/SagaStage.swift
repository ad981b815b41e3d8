import Events
import HTTPClient
import Kafka
import Lifecycle
import Observability
import Postgres
import Redis
import SchemaRegistry
import ServerProofs
import Synchronization
import TestSupport

@testable import gamification_server

/// Real Kafka, PostgreSQL and Redis with topics and a database of the test's own, and drivers on them.
final class SagaStage: Sendable {
    let kafka: ScratchKafka
    let database: LedgerDatabase
    let redis: ScratchRedis
    let services: StandIns
    let topics: SagaTopics
    let group: String
    let awards = RecordedAwards()
    let records: SagaRecords
    let registry: SchemaRegistryClient

    init(ownDatabase: Bool = false, partitions: Int = 3) async throws {
        kafka = try await ScratchKafka.shared()
        database = try await LedgerDatabase(own: ownDatabase)
        redis = try await ScratchRedis.start()
        services = try await StandIns()
        var topics = SagaTopics()
        topics.points = try await kafka.createTopic("points", partitions: partitions)
        topics.updates = try await kafka.createTopic("updates")
        topics.replay = try await kafka.createTopic("replay", partitions: 2)
        topics.deadLetters = try await kafka.createTopic("dlq")
        self.topics = topics
        group = uniqueName("saga")
        let client = SchemaRegistryClient(SchemaRegistryConfiguration(baseURL: try HTTPURL(services.registryURL)))
        registry = client
        func register(_ subject: String) async throws -> Int32 {
            let schema = try readText("\(ServiceHome.packageRoot)/schemas/\(subject).avsc")
            return try await client.register(subject: "\(subject)-value", schema: schema)
        }
        records = SagaRecords(
            schemas: (try await register("points.earned"), try await register("customer.updated")))
    }

    var client: KafkaConfiguration {
        KafkaConfiguration(bootstrapServers: kafka.bootstrapServers, clientID: "saga-tests")
    }

    /// A driver on a thread of its own, until `stop` is set.
    func start(rules: BadgeRules, settings: SagaSettings = SagaSettings()) throws -> RunningSaga {
        let address = RedisConfiguration(
            [RedisAddress(host: "127.0.0.1", port: Int(redis.port))], clientName: "saga-tests")
        var configuration = SagaConfiguration(
            kafka: client, registry: registry, postgres: try database.configuration, durableRedis: address,
            cacheRedis: address)
        configuration.group = group
        configuration.topics = topics
        configuration.settings = settings
        return RunningSaga(configuration, rules: rules, awards: awards)
    }

    // MARK: - Records

    func points(
        _ event: Int, customer: Int, merchant: Int = 1, points: Int64, createdAt: Int64? = nil
    ) -> OutgoingRecord {
        records.points(event, customer: customer, merchant: merchant, points: points, createdAt: createdAt)
    }

    func update(_ event: Int, customer: Int) -> OutgoingRecord { records.update(event, customer: customer) }

    func publish(_ records: [OutgoingRecord], to topic: String) async throws {
        try await SagaRecords.publish(records, to: topic, client)
    }

    // MARK: - Looking

    func total(customer: Int, merchant: Int = 1) async throws -> String {
        try await database.psql(
            """
            SELECT points FROM customer_points WHERE merchant_id = '\(SagaRecords.merchant(merchant))'
                AND customer_id = '\(SagaRecords.customer(customer))'
            """)
    }

    func board(customer: Int, merchant: Int = 1) async throws -> String {
        try await redis.cli(
            "zscore", "leaderboard:\(SagaRecords.merchant(merchant))", SagaRecords.customer(customer).description)

    }

    func mark(_ event: Int, merchant: Int = 1) async throws -> String {
        try await redis.cli("get", "processed:\(SagaRecords.merchant(merchant)):\(SagaRecords.event(event))")
    }
}

/// An award path that keeps what it is asked for.
final class RecordedAwards: SagaAwards {
    struct State {
        var made: [String] = []
        var answer = AwardOutcome.awarded
    }

    let state = Mutex(State())

    var made: [String] { state.withLock { $0.made } }
    func answer(_ outcome: AwardOutcome) { state.withLock { $0.answer = outcome } }

    func award(_ awards: [SagaAward]) async -> [AwardOutcome] {
        state.withLock { state in
            if state.answer == .awarded { state.made += awards.map { "\($0.customer) \($0.badge)" } }
            return awards.map { _ in state.answer }
        }
    }
}

/// A driver that runs.
final class RunningSaga: Sendable {
    let status = SagaStatus()
    let rules = RulesSource(path: nil)
    private let stopFlag = StopFlag()
    private let executor = BlockingExecutor(name: "saga")
    private let task: Task<Void, any Error>

    init(_ configuration: SagaConfiguration, rules initial: BadgeRules, awards: any SagaAwards) {
        let (status, rules, stop) = (status, rules, stopFlag)
        task = Task(executorPreference: executor) {
            let driver = try SagaDriver(
                configuration, rules: rules, initialRules: initial, awards: awards, status: status,
                log: Logger(level: .error), stop: stop)
            try await driver.run()
        }
    }

    /// Asks it to end, and waits for that.
    func stop() async throws {
        stopFlag.set(.terminate)
        try await task.value
    }
}
