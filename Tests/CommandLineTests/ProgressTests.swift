import Kafka
import Lifecycle
import TestSupport
import Testing

/// What is done, held back and gone; only a real broker has these.
@Suite("list and show know what is done", ScratchKafka.requirement)
struct ProgressTests {
    private func letters(_ stage: Stage, _ count: Int) -> [OutgoingRecord] {
        (0..<count).map { number in
            Letters.record(
                Letters.framed(stage.points, Letters.points(number)),
                headers: Letters.headers(offset: number, code: number % 3 == 0 ? "internal" : "badge.unknown"))
        }
    }

    @Test("after a filtered drain the rest is left, and nobody joined the group to say so")
    func afterDrain() async throws {
        let stage = try await Stage.shared(.apacheKafka)
        let topic = try await stage.topic("done")
        try await stage.publish(letters(stage, 30), to: topic)
        try await stage.createCompanions(of: topic)
        let flags = stage.flags(topic)
        _ = try await Program.json(["list"] + flags)
        _ = try await Program.json(["show", "0:0"] + flags)
        let groups = try await BlockingExecutor(name: "groups").run {
            let admin = try KafkaAdmin(stage.kafka)
            defer { admin.close(timeout: .seconds(5)) }
            return try admin.groups(timeout: .seconds(30))
        }
        #expect(!groups.contains { $0.contains(topic) })

        let drain = try await Program.run(
            ["drain"] + flags + ["--error-code", "internal", "--rate", "max", "--yes"])
        #expect(drain.exitCode == 0, "\(drain.errors)")
        let list = try await Program.json(["list"] + flags)
        #expect(list["selected"].int == 20 && list["remaining"].int == 20 && list["done"].int == 0)
        let all = try await Program.json(["list", "--all"] + flags)
        #expect(all["selected"].int == 20 && all["done"].int == 10)
        let done = try await Program.json(["show", "0:3"] + flags)
        #expect(done["done"].bool == true)
        let left = try await Program.json(["show", "0:4"] + flags)
        #expect(left["done"].bool == false)
        let names = try await Program.run(["__complete", "groups", "-b", stage.brokers])
        #expect(names.output.contains("gamification.drain.\(topic)\n"))
    }

    @Test("an offset that another program has set is refused, and told with --all")
    func foreignOffset() async throws {
        let stage = try await Stage.shared(.apacheKafka)
        let topic = try await stage.topic("foreign")
        try await stage.publish(letters(stage, 5), to: topic)
        try await stage.createCompanions(of: topic)
        try await BlockingExecutor(name: "commit").run {
            let member = try KafkaConsumer(
                stage.kafka, group: "gamification.drain.\(topic)", isolation: .readCommitted)
            defer { member.close(timeout: .seconds(5)) }
            try member.commit(
                [PartitionOffset(TopicPartition(topic: topic, partition: 0), offset: 2)], timeout: .seconds(30))
        }
        let refused = try await Program.json(["list"] + stage.flags(topic), exit: 6)
        #expect(refused["error"].string?.contains("--accept-reset") == true)
        let all = try await Program.json(["list", "--all"] + stage.flags(topic))
        #expect(all["progress_known"].bool == false && all["selected"].int == 5)
        let shown = try await Program.json(["show", "0:1"] + stage.flags(topic))
        #expect(shown["done"].isNull && shown["plan"]["action"].string == "redrive")
    }

    @Test("an open transaction holds back; an aborted one leaves nothing; a marker is no record")
    func transactions() async throws {
        let stage = try await Stage.shared(.apacheKafka)
        let topic = try await stage.topic("open")
        try await stage.publish(letters(stage, 2), to: topic)
        let record = letters(stage, 1)
        let flags = stage.flags(topic)
        let executor = BlockingExecutor(name: "transaction")
        let producer = try await executor.run {
            var options = ProducerOptions()
            options.transactionTimeoutMilliseconds = 60_000
            let producer = try KafkaProducer(stage.kafka, transactionalID: uniqueName("tx"), options: options)
            try producer.initTransactions(timeout: .seconds(30))
            try producer.beginTransaction()
            try producer.topic(topic).send(record[0])
            try producer.flush(timeout: .seconds(30))
            return producer
        }
        let list = try await Program.json(["list"] + flags)
        #expect(list["selected"].int == 2 && list["held_back"].int == 1)
        let held = try await Program.json(["show", "0:2"] + flags)
        #expect(held["held_back"].bool == true && held["record"]["value_bytes"].int == record[0].value?.count)

        try await executor.run {
            try producer.abortTransaction(timeout: .seconds(30))
            _ = producer.close(timeout: .seconds(5))
        }
        // The broker writes the marker after it has answered.
        let isStable = await eventually(deadline: 30) {
            (try? await Program.json(["list"] + flags))?["held_back"].int == 0
        }
        #expect(isStable)
        let aborted = try await Program.run(["show", "0:2"] + flags)
        #expect(aborted.exitCode == 1 && aborted.errors.contains("aborted"))
        let marker = try await Program.run(["show", "0:3"] + flags)
        #expect(marker.exitCode == 1 && marker.errors.contains("holds no record"))
    }

    @Test("what retention has deleted is gone, and beyond the end there is nothing yet")
    func bounds() async throws {
        let stage = try await Stage.shared(.apacheKafka)
        let topic = try await stage.topic("gone")
        try await stage.publish(letters(stage, 5), to: topic)
        try await BlockingExecutor(name: "delete").run {
            let admin = try KafkaAdmin(stage.kafka)
            defer { admin.close(timeout: .seconds(5)) }
            _ = try admin.deleteRecords(
                before: [PartitionOffset(TopicPartition(topic: topic, partition: 0), offset: 3)],
                timeout: .seconds(30))
        }
        let gone = try await Program.json(["show", "0:1"] + stage.flags(topic), exit: 1)
        #expect(gone["record"].isNull && gone["error"].string?.contains("begins at 3") == true)
        let early = try await Program.json(["show", "0:5"] + stage.flags(topic), exit: 1)
        #expect(early["error"].string?.contains("no offset 5 yet") == true)
        let nowhere = try await Program.json(["show", "7:0"] + stage.flags(topic), exit: 1)
        #expect(nowhere["error"].string?.contains("no partition 7") == true)
        let list = try await Program.json(["list"] + stage.flags(topic))
        #expect(list["selected"].int == 2 && list["partitions"][0]["log_start"].int == 3)
    }
}
