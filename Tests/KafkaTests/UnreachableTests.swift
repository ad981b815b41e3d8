import Kafka
import KafkaTestSupport
import Synchronization
import TestSupport
import Testing

/// Nothing listens on port 1: every call must come back within its time, saying so.
@Suite(.blocking) struct UnreachableTests {
    private let configuration = KafkaConfiguration(bootstrapServers: "127.0.0.1:1", clientID: "test")

    /// On a busy machine the connection may not have been tried yet when the first call gives up.
    private func expectUnreachable(_ body: () throws -> Void) throws {
        var caught: KafkaError?
        let isUnreachable = eventuallyBlocking {
            let start = ContinuousClock.now
            caught = kafkaError(body)
            #expect(ContinuousClock.now - start < .seconds(15))
            return caught?.kind == .unreachable
        }
        let error = try #require(caught)
        #expect(isUnreachable)
        #expect(error.reason.contains("127.0.0.1:1"))
    }

    @Test func readers() throws {
        let reader = try KafkaConsumer(configuration, group: "g", isolation: .readUncommitted)
        let place = TopicPartition(topic: "t", partition: 0)
        try expectUnreachable { _ = try reader.clusterID(timeout: .milliseconds(700)) }
        try expectUnreachable { _ = try reader.partitions(of: "t", timeout: .milliseconds(700)) }
        try expectUnreachable { _ = try reader.watermarks(of: place, timeout: .milliseconds(700)) }
        try expectUnreachable { _ = try reader.committed([place], timeout: .milliseconds(700)) }
        #expect(reader.close(timeout: .seconds(10)))
    }

    @Test func producers() throws {
        let producer = try KafkaProducer(configuration, transactionalID: "t")
        try expectUnreachable { try producer.initTransactions(timeout: .milliseconds(700)) }
        #expect(producer.close(timeout: .seconds(10)))
    }

    @Test func admin() throws {
        let admin = try KafkaAdmin(configuration)
        try expectUnreachable { _ = try admin.brokers(timeout: .milliseconds(700)) }
        try expectUnreachable { _ = try admin.describeGroup("g", timeout: .milliseconds(700)) }
        #expect(admin.close(timeout: .seconds(10)))
    }

    @Test func closingAGroupMemberEndsByTheDeadline() throws {
        let consumer = try KafkaConsumer(configuration, group: "g", isolation: .readCommitted)
        try consumer.subscribe(["t"])
        _ = try consumer.pollEvents(timeout: .milliseconds(200))
        let start = ContinuousClock.now
        _ = consumer.close(timeout: .seconds(2))
        #expect(ContinuousClock.now - start < .seconds(10))
        #expect(consumer.close(timeout: .seconds(2)))
    }

    @Test func fullQueueIsWaitedForAndThenAnError() throws {
        var options = ProducerOptions()
        options.queueRecords = 5
        let producer = try KafkaProducer(configuration, transactionalID: nil, options: options)
        try {
            let topic = try producer.topic("t")
            let record = OutgoingRecord(partition: 0, key: nil, value: [1], headers: [(HeaderName("h"), [1])])
            for _ in 0..<5 { try topic.send(record) }
            let error = try #require(kafkaError { try topic.send(record, timeout: .milliseconds(50)) })
            #expect(error.kind == .queueFull)
            #expect(error.isRetriable)
        }()
        #expect(producer.queuedRecords == 5)
        try producer.purge()
        #expect(producer.takeFailures().failures.map(\.error.kind) == .init(repeating: .purged, count: 5))
        #expect(producer.close(timeout: .seconds(10)))
    }

    /// Time does not mend it, so the deadline is not waited for.
    @Test func refusedHandshakeIsSaidAtOnce() throws {
        let server = try NonsenseServer()
        let tls = KafkaConfiguration(
            bootstrapServers: server.address, clientID: "test", properties: [.init("security.protocol", "ssl")])
        let reader = try KafkaConsumer(tls, group: nil, isolation: .readCommitted)
        let start = ContinuousClock.now
        let error = try #require(kafkaError { _ = try reader.partitions(of: "t", timeout: .seconds(120)) })
        #expect(error.kind == .authentication)
        #expect(error.advice != nil)
        #expect(ContinuousClock.now - start < .seconds(60))
        #expect(reader.close(timeout: .seconds(10)))
    }

    @Test func logLinesGoToTheClosureAlone() throws {
        let lines = Mutex<[KafkaLogLine]>([])
        var logged = configuration
        logged.properties = [.init("linger.ms", "7")]
        logged.log = { line in lines.withLock { $0.append(line) } }
        let reader = try KafkaConsumer(logged, group: nil, isolation: .readCommitted)
        #expect(eventuallyBlocking { lines.withLock { $0.contains { $0.facility == "FAIL" && $0.level == 3 } } })
        // A producer's property given to a consumer is no news: one set serves both.
        #expect(lines.withLock { !$0.contains { $0.message.contains("linger.ms") } })
        #expect(reader.close(timeout: .seconds(10)))
    }
}
