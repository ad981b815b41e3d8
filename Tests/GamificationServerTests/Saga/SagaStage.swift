import Events
import HTTPClient
import Kafka
import Lifecycle
import Observability
import Postgres
import Redis
import SchemaRegistry
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
    let schemas: (points: Int32, updates: Int32)
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
        schemas = (try await register("points.earned"), try await register("customer.updated"))
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

    private static func number(_ value: Int64) -> [UInt8] {
        var rest = UInt64(bitPattern: value << 1 ^ value >> 63)
        var bytes: [UInt8] = []
        while rest > 0x7F {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    private static func text(_ id: PostgresUUID) -> [UInt8] { number(36) + Array(id.description.utf8) }

    private static func framed(_ id: Int32, _ datum: [UInt8]) -> [UInt8] {
        [0] + withUnsafeBytes(of: id.bigEndian) { Array($0) } + datum
    }

    static func event(_ number: Int) -> PostgresUUID { PostgresUUID(high: 0xE, low: UInt64(number)) }
    static func customer(_ number: Int) -> PostgresUUID { PostgresUUID(high: 0xC, low: UInt64(number)) }
    static func merchant(_ number: Int) -> PostgresUUID { PostgresUUID(high: 0xA, low: UInt64(number)) }

    /// A `points.earned` record, keyed by customer; `createdAt` in milliseconds.
    func points(
        _ event: Int, customer: Int, merchant: Int = 1, points: Int64, createdAt: Int64? = nil
    ) -> OutgoingRecord {
        let datum =
            Self.text(Self.event(event)) + Self.text(Self.customer(customer)) + Self.text(Self.merchant(merchant))
            + Self.number(points) + (createdAt.map { Self.number(1) + Self.number($0) } ?? Self.number(0))
            + Self.number(0)
        return OutgoingRecord(
            key: Array(Self.customer(customer).description.utf8), value: Self.framed(schemas.points, datum))
    }

    /// A `customer.updated` record.
    func update(_ event: Int, customer: Int, merchant: Int = 1) -> OutgoingRecord {
        let words = [Array("a@b.example".utf8), Array("de".utf8)].flatMap { Self.number(Int64($0.count)) + $0 }
        let datum =
            Self.text(Self.event(event)) + Self.text(Self.customer(customer)) + Self.text(Self.merchant(merchant))
            + words + Self.number(0) + Self.number(0)
        return OutgoingRecord(
            key: Array(Self.customer(customer).description.utf8), value: Self.framed(schemas.updates, datum))
    }

    func publish(_ records: [OutgoingRecord], to topic: String) async throws {
        let client = client
        try await BlockingExecutor(name: "publish").run {
            let producer = try KafkaProducer(client, transactionalID: nil)
            do {
                let handle = try producer.topic(topic)
                for record in records { try handle.send(record) }
            }
            try producer.flush(timeout: .seconds(60))
            let failed = producer.takeFailures().failures.first
            producer.close(timeout: .seconds(10))
            if let failed { throw failed.error }
        }
    }

    // MARK: - Looking

    func total(customer: Int, merchant: Int = 1) async throws -> String {
        try await database.psql(
            """
            SELECT points FROM customer_points WHERE merchant_id = '\(Self.merchant(merchant))'
                AND customer_id = '\(Self.customer(customer))'
            """)
    }

    func board(customer: Int, merchant: Int = 1) async throws -> String {
        try await redis.cli("zscore", "leaderboard:\(Self.merchant(merchant))", Self.customer(customer).description)

    }

    func mark(_ event: Int, merchant: Int = 1) async throws -> String {
        try await redis.cli("get", "processed:\(Self.merchant(merchant)):\(Self.event(event))")
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
