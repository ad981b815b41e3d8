import Glibc
import Kafka
import Redrive
import RedriveProofs
import TestSupport
import Testing

@Suite("Records that brokers refuse", ScratchKafka.requirement, .timeLimit(.minutes(5)))
struct RefusedRecordTests {
    @Test(
        "What one topic finds too large is parked, what both do stays; nothing else is published twice",
        arguments: Delivery.allCases)
    func tooLarge(delivery: Delivery) async throws {
        let trial = try await Trial("large", partitions: 1, records: 0, capacity: 600)
        try await trial.set("max.message.bytes=3000000", of: trial.topics.source)
        try await trial.set("max.message.bytes=20000", of: trial.topics.destination)
        try await trial.seeder.fill(trial.topics.source, partitions: 0..<1, records: 0..<200)
        try await trial.append(valueLength: 60_000)
        try await trial.seeder.fill(trial.topics.source, partitions: 0..<1, records: 200..<400)
        try await trial.append(valueLength: 1_500_000)
        try await trial.append(valueLength: 60_000)
        try await trial.seeder.fill(trial.topics.source, partitions: 0..<1, records: 400..<600)
        let options = ["--delivery", delivery.rawValue]
        let first = try await trial.drain(run: "first", options: options)
        #expect(first.exitCode == 3, "\(first.account)")
        #expect(first.count("redriven") == 600 && first.count("parked") == 2, "\(first.account)")
        #expect(first.count("unpublishable") == 2 && first.count("rejected") == 1, "\(first.account)")
        #expect(first.count("remaining") == 1, "\(first.account)")
        await trial.expectEachOnce(count: 600)
        // The one that stays is met again, and nothing else is.
        let second = try await trial.drain(run: "second", options: options)
        #expect(second.exitCode == 3, "\(second.account)")
        #expect(second.count("redriven") == 0 && second.count("parked") == 0, "\(second.account)")
        #expect(second.count("rejected") == 1 && second.count("remaining") == 1, "\(second.account)")
        await trial.expectEachOnce(count: 600)
        #expect(try await TopicCount.of(trial.topics.parked, partitions: 1, on: trial.kafka).records == 2)
    }

    /// A topic that becomes compacted refuses whatever has no key, and the whole batch with it, without saying which.
    @Test(
        "The record that spoils its batch is found and parked, and the others of the batch go through",
        arguments: Delivery.allCases)
    func spoiltBatch(delivery: Delivery) async throws {
        let trial = try await Trial(
            "spoilt", partitions: 1, records: 0, capacity: 4_400,
            order: delivery == .exactlyOnce ? .acrossRuns : .open)
        try await trial.seedKeyed(0..<200)
        func keyed(below end: Int32) -> Int { (0..<end).count { ProofRecord(partition: 0, index: $0).key != nil } }
        let copy = try trial.start(run: "copy", options: ["--delivery", delivery.rawValue, "--follow"])
        #expect(await eventually(deadline: 60) { trial.watch.delivered == keyed(below: 200) })
        try await trial.set("cleanup.policy=compact", of: trial.topics.destination)
        try await trial.seedKeyed(200..<4_000)
        try await trial.append(valueLength: 100)
        try await trial.seedKeyed(4_000..<4_200)
        for _ in 0..<2 { try await trial.append(valueLength: 100) }
        try await trial.seedKeyed(4_200..<4_400)
        let goesOn = await eventually(deadline: 120) {
            trial.watch.delivered == keyed(below: 4_400) || !copy.process.isRunning
        }
        #expect(goesOn)
        copy.process.signal(SIGTERM)
        let result = try await copy.wait()
        #expect(result.exitCode == 143, "\(result.account)")
        #expect(result.count("redriven") == keyed(below: 4_400), "\(result.account)")
        #expect(result.count("unpublishable") == 3 && result.count("rejected") == 0, "\(result.account)")
        await trial.expectEachOnce(where: { $0.key != nil }, count: keyed(below: 4_400))
        #expect(try await TopicCount.of(trial.topics.parked, partitions: 1, on: trial.kafka).records == 3)
        try await trial.set("cleanup.policy=delete", of: trial.topics.destination)
        let next = try await trial.drain(run: "next", options: ["--delivery", delivery.rawValue])
        #expect(next.exitCode == 0 && next.count("redriven") == 0, "nothing is left: \(next.account)")
    }
}

extension Trial {
    /// Changes a setting of a topic.
    func set(_ setting: String, of topic: String) async throws {
        let result = try await kafka.tool(
            "kafka-configs.sh",
            ["--alter", "--entity-type", "topics", "--entity-name", topic, "--add-config", setting])
        #expect(result.exitCode == 0, "\(result.account)")
    }

    /// Appends a dead letter of no seed's to partition 0, without a key.
    func append(valueLength: Int) async throws {
        try await send { producer in
            var letter = ProofRecord(partition: 0, index: 0).outgoing()
            letter.key = nil
            letter.value = [UInt8](repeating: UInt8(ascii: "x"), count: valueLength)
            try producer.send(letter)
        }
    }

    /// Appends seeded dead letters to partition 0; those that have no key get one.
    func seedKeyed(_ range: Range<Int>) async throws {
        try await send { topic in
            for index in range where ProofRecord(partition: 0, index: Int32(index)).key != nil {
                try topic.send(ProofRecord(partition: 0, index: Int32(index)).outgoing())
            }
        }
    }

    /// Appends to the dead-letter topic.
    func send(_ body: @escaping @Sendable (ProducerTopic) throws -> Void) async throws {
        let source = topics.source
        try await blocking { configuration in
            let producer = try KafkaProducer(configuration, transactionalID: nil)
            do { try body(try producer.topic(source)) }
            try producer.flush(timeout: .seconds(30))
            let failure = producer.takeFailures().failures.first
            producer.close(timeout: .seconds(10))
            if let failure { throw failure.error }
        }
    }
}
