import Kafka
import Lifecycle
import Redrive
import RedriveProofs
import TestSupport
import Testing

@Suite("A dead-letter topic that changes", ScratchKafka.requirement, .serialized, .timeLimit(.minutes(5)))
struct RetentionTests {
    @Test("Records deleted between two runs count as gone")
    func betweenRuns() async throws {
        let trial = try await Trial("gone", partitions: 1, records: 300)
        #expect(try await trial.drain(run: "first", options: ["--limit", "100"]).exitCode == 0)
        try await trial.deleteRecords(before: 150)
        let second = try await trial.drain(run: "second")
        #expect(second.exitCode == 3, "\(second.account)")
        #expect(second.count("gone") == 50, "\(second.account)")
        #expect(second.count("redriven") == 150, "\(second.account)")
        await trial.expectEachOnce(where: { $0.index < 100 || $0.index >= 150 }, count: 250)
        let third = try await trial.drain(run: "third")
        #expect(third.exitCode == 0, "they were told of once: \(third.account)")
    }

    @Test("Records deleted in mid-run count as gone, and no other partition loses any")
    func inMidRun() async throws {
        let count = 6_000
        let trial = try await Trial("going", partitions: 2, records: count)
        let copy = try trial.start(run: "copy", rate: 400, options: Trial.shortPrefetch)
        try await trial.waitUntilPublished(by: copy, atLeast: 100)
        try await trial.deleteRecords(before: Int64(count - 50))
        let result = try await copy.wait(deadline: 90)
        #expect(result.exitCode == 3, "\(result.account)")
        #expect(await trial.watch.settle())
        let ledger = trial.watch.ledger
        #expect(ledger.isClean, "\(ledger.faults)")
        let lost = ledger.missing()
        // What was fetched before the deletion is published; from there on to the log start all is gone.
        #expect(result.count("gone") == lost.count, "\(result.account)")
        #expect(lost.count > count / 2)
        #expect(lost.allSatisfy { $0.partition == 0 && $0.index < Int32(count - 50) })
        #expect(result.count("redriven") == 2 * count - lost.count, "\(result.account)")
        #expect(try await trial.committedOffsets() == [Int64(count), Int64(count)])
    }

    @Test("What is deleted between the look at the queue and its reading is passed over, and not waited for")
    func betweenLookAndReading() async throws {
        let trial = try await Trial("overtaken", partitions: 2, records: 300)
        try await trial.deleteRecords(before: 150)
        let scan = DeadLetterScan(trial.configuration, topic: trial.topics.source, patience: .seconds(20))
        let starts = (0..<2).map { PartitionStart(partition: $0, done: DoneSet(committed: 0), logStart: 0) }
        let executor = BlockingExecutor(name: "scan")
        let (isWhole, read) = try await Task(executorPreference: executor) {
            var read: [Int32: [Int64]] = [:]
            let isWhole = try await scan.run(starts, ends: [0: 300, 1: 300]) { batch, index in
                read[batch.partition(index), default: []].append(batch.offset(index))
                return true
            }
            return (isWhole, read)
        }.value
        #expect(isWhole)
        #expect(read[0] == Array(150..<300) && read[1] == Array(0..<300))
    }

    @Test("A topic that ends before what is to be read is an error, and not waited for")
    func shorterThanThought() async throws {
        let trial = try await Trial("shorter", partitions: 1, records: 10)
        let scan = DeadLetterScan(trial.configuration, topic: trial.topics.source, patience: .seconds(20))
        let start = PartitionStart(partition: 0, done: DoneSet(committed: 50), logStart: 0)
        let executor = BlockingExecutor(name: "scan")
        let error = await #expect(throws: KafkaError.self) {
            try await Task(executorPreference: executor) {
                try await scan.run([start], ends: [0: 100]) { _, _ in true }
            }.value
        }
        #expect(error?.kind == .offsetOutOfRange)
    }

    @Test(
        "A record too old for its topic that the first look did not see ends the run, and nothing is lost or repeated",
        arguments: Delivery.allCases)
    func tooOldInMidRun(delivery: Delivery) async throws {
        let trial = try await Trial("old", partitions: 2, records: 1_500, capacity: 60_000)
        let topics = trial.topics
        // Without an origin it goes to the parked topic, with the time that it has.
        try await trial.send { topic in
            try topic.send(OutgoingRecord(partition: 0, key: nil, value: [1], timestamp: 1_000_000_000_000))
        }
        try await trial.seeder.fill(topics.source, partitions: 0..<1, records: 1_500..<2_000)
        // So many that the other lane has some in hand when the first one ends.
        try await trial.seeder.fill(topics.source, partitions: 1..<2, records: 1_500..<60_000)
        try await trial.set("retention.ms=\(400 * 86_400_000)", of: topics.parked)
        let options = ["--delivery", delivery.rawValue]
        let first = try await trial.drain(run: "first", options: options)
        #expect(first.exitCode == 6, "\(first.account)")
        #expect(first.errors.contains(topics.parked) && first.errors.contains("retention.ms"), "\(first.account)")
        #expect(await trial.watch.settle())
        // What stands before it is through; of the other partition, whatever the other lane had committed.
        let missing = trial.watch.ledger.missing { $0.partition == 0 && $0.index < 2_000 }
        #expect(missing.count == 500 && missing.allSatisfy { $0.index >= 1_500 })
        let delivered = trial.watch.delivered
        #expect(first.count("redriven") == delivered, "\(first.account)")
        #expect(first.count("remaining") == 62_001 - delivered, "\(first.account)")
        try await trial.set("retention.ms=-1", of: topics.parked)
        let second = try await trial.drain(run: "second", options: options)
        #expect(second.exitCode == 3, "\(second.account)")
        #expect(second.count("parked") == 1, "\(second.account)")
        await trial.expectEachOnce(where: { $0.partition == 1 || $0.index < 2_000 }, count: 62_000)
    }

    @Test("Partitions added in mid-run do not disturb it, and are drained at the latest by the next")
    func addedPartitions() async throws {
        let trial = try await Trial("grown", partitions: 3, records: 200)
        let topic = trial.topics.source
        let copy = try trial.start(
            run: "first", rate: 60, options: ["-X", "topic.metadata.refresh.interval.ms=500"])
        try await trial.waitUntilPublished(by: copy, atLeast: 30)
        let altered = try await trial.kafka.tool("kafka-topics.sh", ["--alter", "--topic", topic, "--partitions", "5"])
        #expect(altered.exitCode == 0, "\(altered.account)")
        let late = try await trial.kafka.kcat(["-P", "-t", topic, "-p", "4"], input: .text("late\n"))
        #expect(late.exitCode == 0)
        let first = try await copy.wait()
        #expect(first.exitCode == 0 || first.exitCode == 3, "\(first.account)")
        let second = try await trial.drain(run: "second")
        #expect(second.exitCode == 0 || second.exitCode == 3, "\(second.account)")
        await trial.expectEachOnce(count: 600)
        // The late record has no origin, so it is parked, once.
        #expect(try await TopicCount.of(trial.topics.parked, partitions: 1, on: trial.kafka).records == 1)
        #expect((first.count("parked") ?? 0) + (second.count("parked") ?? 0) == 1)
    }
}

extension Trial {
    /// As retention does it, in partition 0.
    func deleteRecords(before offset: Int64) async throws {
        let partition = TopicPartition(topic: topics.source, partition: 0)
        let starts = try await blocking { configuration in
            let admin = try KafkaAdmin(configuration)
            defer { admin.close(timeout: .seconds(5)) }
            return try admin.deleteRecords(before: [PartitionOffset(partition, offset: offset)], timeout: .seconds(30))
        }
        #expect(starts[partition] == offset)
    }
}
