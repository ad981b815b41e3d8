import Events
import Kafka
import Lifecycle
import Redis
import ServerProofs
import Synchronization
import TestSupport
import Testing

@testable import gamification_server

@Suite(
    "Saga: offsets that are no more, a registry that is away, traces", ScratchKafka.requirement,
    ScratchPostgres.requirement, ScratchRedis.requirement)
struct SagaTroubleTests {
    /// An award path that keeps the traces it is given.
    private final class Traces: SagaAwards {
        let found = Mutex<[String?]>([])

        func award(_ awards: [SagaAward]) async -> [AwardOutcome] {
            found.withLock { $0 += awards.map(\.traceparent) }
            return awards.map { _ in .awarded }
        }
    }

    private func start(_ stage: SagaStage, rules: BadgeRules, _ awards: any SagaAwards) throws -> RunningSaga {
        let address = RedisConfiguration(
            [RedisAddress(host: "127.0.0.1", port: Int(stage.redis.port))], clientName: "saga-tests")
        var configuration = SagaConfiguration(
            kafka: stage.client, registry: stage.registry, postgres: try stage.database.configuration,
            durableRedis: address, cacheRedis: address)
        configuration.group = stage.group
        configuration.topics = stage.topics
        return RunningSaga(configuration, rules: rules, awards: awards)
    }

    private func committed(_ stage: SagaStage, _ partition: TopicPartition) async throws -> Int64? {
        let (client, group) = (stage.client, stage.group)
        return try await BlockingExecutor(name: "look").run {
            let reader = try KafkaConsumer(client, group: group, isolation: .readCommitted)
            defer { _ = reader.close(timeout: .seconds(5)) }
            return try reader.committed([partition], timeout: .seconds(30)).first?.offset
        }
    }

    @Test("A group's offset beyond the end of a topic that was made anew: it is read from its start, and committed")
    func recreated() async throws {
        let stage = try await SagaStage(partitions: 1)
        let partition = TopicPartition(topic: stage.topics.points, partition: 0)
        let (client, group) = (stage.client, stage.group)
        let isCommitted = try await BlockingExecutor(name: "commit").run {
            let member = try KafkaConsumer(client, group: group, isolation: .readCommitted)
            defer { _ = member.close(timeout: .seconds(5)) }
            // A group that nobody has asked for yet has no coordinator at first.
            return eventuallyBlocking {
                (try? member.commit([PartitionOffset(partition, offset: 1_000_000)], timeout: .seconds(30))) != nil
            }
        }
        #expect(isCommitted)
        #expect(try await committed(stage, partition) == 1_000_000)
        try await stage.publish(
            (0..<3).map { stage.points($0, customer: 1, points: 1) }, to: stage.topics.points)
        let saga = try start(stage, rules: .none, stage.awards)
        #expect(try await eventually(deadline: 60) { try await stage.mark(2) == "counted" })
        #expect(try await eventually(deadline: 60) { try await committed(stage, partition) == 3 })
        try await saga.stop()
    }

    @Test("With the registry away a batch of many schemas asks it about one, not about each")
    func registryAway() async throws {
        let stage = try await SagaStage(partitions: 1)
        try await stage.services.order("registry", #"{"failFirst":1000000,"status":503,"delayMs":0}"#)
        let records = (0..<100).map { number -> OutgoingRecord in
            let id = withUnsafeBytes(of: Int32(1_000 + number).bigEndian) { Array($0) }
            return OutgoingRecord(key: [1], value: [0] + id + [0])
        }
        try await stage.publish(records, to: stage.topics.points)
        let saga = try start(stage, rules: .none, stage.awards)
        #expect(await eventually(deadline: 60) { saga.status.snapshot.tally.retried > 0 })
        try await saga.stop()
        var asked = 0
        for id in stride(from: 1_000, to: 1_100, by: 7) {
            asked += try await stage.services.count("GET /schemas/ids/\(id)") > 0 ? 1 : 0
        }
        #expect(asked <= 3, "\(asked) of 15 schemas were asked about")
    }

    @Test("An award belongs to its event's trace: that of the header, else of the value, else a new one")
    func traces() async throws {
        let stage = try await SagaStage(partitions: 1)
        let (inHeader, inValue) = (String(repeating: "ab", count: 16), String(repeating: "cd", count: 16))
        var headed = stage.records.points(1, customer: 1, points: 1, traceID: inValue)
        headed.headers = [(Kafka.HeaderName("traceparent"), Array("00-\(inHeader)-1111111111111111-01".utf8))]
        try await stage.publish(
            [
                headed, stage.records.points(2, customer: 2, points: 1, traceID: inValue),
                stage.records.points(3, customer: 3, points: 1, traceID: "no trace"),
                stage.records.points(4, customer: 4, points: 1),
            ], to: stage.topics.points)
        let traces = Traces()
        let saga = try start(
            stage, rules: BadgeRules(standard: [SagaWorld.rule("gold", .totalPoints, 1)], merchants: [:]), traces)
        #expect(await eventually(deadline: 60) { traces.found.withLock { $0.count } == 4 })
        try await saga.stop()
        let ids = traces.found.withLock { $0 }.map { $0.map { String($0.dropFirst(3).prefix(32)) } }
        #expect(ids == [inHeader, inValue, nil, nil])
    }
}
