import Kafka
import KafkaTestSupport
import Testing
import TestSupport

/// What needs a broker with settings of its own.
@Suite(ScratchKafka.requirement, .blocking) struct BrokerSettingsTests {
    @Test func missingTopicIsNotMadeAndTimedOutTransactionIsFatal() async throws {
        let kafka = try await ScratchKafka.start(overrides: [
            "auto.create.topics.enable": "true",
            "transaction.abort.timed.out.transaction.cleanup.interval.ms": "200",
        ])
        try missingTopicIsNotMade(kafka)
        let name = try await kafka.createTopic("timeout")
        try timedOutTransactionIsFatal(kafka, name)
    }

    private func missingTopicIsNotMade(_ kafka: ScratchKafka) throws {
        let missing = uniqueName("missing")
        let reader = try KafkaConsumer(kafka.configuration(), group: uniqueName("g"), isolation: .readUncommitted)
        let place = TopicPartition(topic: missing, partition: 0)
        let error = try #require(kafkaError { _ = try reader.partitions(of: missing, timeout: .seconds(20)) })
        #expect(error.kind == .unknownTopic)
        #expect(error.topic == missing)
        #expect(error.advice?.contains(missing) == true)
        #expect(kafkaError { _ = try reader.watermarks(of: place, timeout: .seconds(5)) } != nil)
        try reader.subscribe([missing])
        let event = try waitForEvent(reader) { event -> KafkaError? in
            if case .error(let error) = event { error } else { nil }
        }
        #expect(event.kind == .unknownTopic)
        #expect(reader.close(timeout: .seconds(20)))
        let admin = try KafkaAdmin(kafka.configuration())
        #expect(try admin.topics(timeout: .seconds(20))[missing] == nil)
        #expect(admin.close(timeout: .seconds(10)))
    }

    private func timedOutTransactionIsFatal(_ kafka: ScratchKafka, _ name: String) throws {
        var options = ProducerOptions()
        options.transactionTimeoutMilliseconds = 1000
        let producer = try kafka.producer(transactionalID: uniqueName("t"), options: options)
        try producer.beginTransaction()
        try producer.topic(name).send(OutgoingRecord(partition: 0, key: nil, value: [1]))
        try producer.flush(timeout: .seconds(20))
        // The broker's marker at offset 1 says that it has aborted the transaction.
        let place = TopicPartition(topic: name, partition: 0)
        let reader = try KafkaConsumer(kafka.configuration(), group: nil, isolation: .readUncommitted)
        let deadline = ContinuousClock.now + .seconds(30)
        while try reader.watermarks(of: place, timeout: .seconds(20)).highWatermark < 2 {
            guard ContinuousClock.now < deadline else { throw TookTooLong() }
        }
        let error = try #require(kafkaError { try producer.commitTransaction(timeout: .seconds(60)) })
        #expect(error.kind == .fenced)
        #expect(error.isFatal)
        #expect(try readAll(kafka.configuration(), name).isEmpty)
        #expect(producer.close(timeout: .seconds(10)))
        #expect(reader.close(timeout: .seconds(10)))
    }
}
