import Events
import Kafka
import Lifecycle
import Redrive
import TestSupport
import Testing

@Suite("Brokers that say yes to transactions and keep nothing of them", .timeLimit(.minutes(2)))
struct LyingBrokerTests {
    /// librdkafka's mock cluster is such a broker; the program refuses it by its name, which others do not have.
    @Test("The first commit is read back, and the run ends after one transaction")
    func notKept() async throws {
        let cluster = try MockCluster()
        for topic in ["source", "destination", "parked"] { try cluster.createTopic(topic, partitions: 1) }
        let kafka = KafkaConfiguration(bootstrapServers: cluster.bootstrapServers, clientID: "test")
        let error = try await BlockingExecutor(name: "lying").run {
            try Self.fill("source", kafka)
            return try Self.drain(kafka).error
        }
        guard case .transactionsNotKept(let published)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(published > 0)
    }

    private static func fill(_ topic: String, _ kafka: KafkaConfiguration) throws {
        let producer = try KafkaProducer(kafka, transactionalID: nil)
        defer { producer.close(timeout: .seconds(10)) }
        let target = try producer.topic(topic)
        for number in 0..<10 { try target.send(OutgoingRecord(partition: 0, key: nil, value: [UInt8(number)])) }
        try producer.flush(timeout: .seconds(30))
    }

    private static func drain(_ kafka: KafkaConfiguration) throws -> RedriveRun.Result {
        let settings = RedriveSettings(
            kafka: kafka, topic: "source", group: "group", run: "run", copy: "copy", delivery: .exactlyOnce,
            progressTopic: nil, pace: .unlimited)
        let reader = try KafkaConsumer(kafka, group: nil, isolation: .readCommitted)
        defer { reader.close(timeout: .seconds(5)) }
        let ends = EndPins(topic: "source", reader: reader, patience: .seconds(30))
        let rules = DrainRules(
            source: "source", route: .topic("destination"), parkedTopic: "parked", run: "run", parkedBy: "test",
            destinations: Dictionary(
                uniqueKeysWithValues: ["destination", "parked"].map {
                    ($0, TopicRules(topic: $0, partitionCount: 1, settings: [:]))
                }))
        return try RedriveRun(
            settings, ends: ends, stop: StopFlag(), notify: { _ in },
            processors: [
                {
                    DrainProcessor(
                        rules, filter: EventFilter(timeBasis: .failed), registry: nil,
                        originReader: OriginReader(kafka, patience: .seconds(30)), now: { 1_790_000_000_000 })
                }
            ]
        ).run()
    }
}
