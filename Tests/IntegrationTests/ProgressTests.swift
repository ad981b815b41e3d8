import Kafka
import Redrive
import RedriveProofs
import TestSupport
import Testing

@Suite("Progress that cannot be followed", ScratchKafka.requirement, .serialized, .timeLimit(.minutes(5)))
struct ProgressTests {
    enum Damage: String, CaseIterable, Sendable {
        case newerVersion, flippedBit, truncated, empty
    }

    @Test("Damaged or newer progress refuses the run and publishes nothing", arguments: Damage.allCases)
    func damaged(damage: Damage) async throws {
        let trial = try await Trial("damaged", partitions: 1, records: 200)
        let first = try await trial.drain(run: "first", options: ["--limit", "80"])
        #expect(first.exitCode == 0, "\(first.account)")
        try await trial.write(damage, key: "\(trial.topics.group)/\(trial.topics.source)/0")
        let second = try await trial.drain(run: "second")
        #expect(second.exitCode == 6, "\(second.account)")
        #expect(second.errors.contains("progress"), "\(second.errors)")
        await trial.expectEachOnce(where: { $0.index < 80 }, count: 80)
    }

    @Test("A topic deleted and made anew is refused, shorter or longer than before")
    func recreated() async throws {
        let trial = try await Trial("anew", partitions: 1, records: 300, capacity: 3_000)
        #expect(try await trial.drain(run: "first").exitCode == 0)
        let topic = trial.topics.source
        try await trial.deleteTopic(topic)
        try await trial.recreateSource()
        // Other records than those that stood at these offsets before.
        try await trial.seeder.fill(topic, partitions: 0..<1, records: 1_000..<1_100)
        let shorter = try await trial.drain(run: "shorter")
        #expect(shorter.exitCode == 6, "\(shorter.account)")
        try await trial.seeder.fill(topic, partitions: 0..<1, records: 1_100..<1_500)
        let longer = try await trial.drain(run: "longer")
        #expect(longer.exitCode == 6, "\(longer.account)")
        #expect(longer.errors.contains("made anew"), "\(longer.errors)")
        await trial.expectEachOnce(where: { $0.index < 300 }, count: 300)
    }

    /// Fetches go on by topic name and offset. With its prefetch full the copy does not even ask while the topic is away.
    @Test("A topic made anew in mid-run is refused", arguments: [false, true])
    func recreatedInMidRun(hasLongPrefetch: Bool) async throws {
        let trial = try await Trial("anew-running", partitions: 1, records: 10_000, capacity: 22_000)
        let copy = try trial.start(run: "copy", rate: 400, options: hasLongPrefetch ? [] : Trial.shortPrefetch)
        try await trial.waitUntilPublished(by: copy, atLeast: 200)
        try await trial.deleteTopic(trial.topics.source)
        try await trial.recreateSource()
        try await trial.seeder.fill(trial.topics.source, partitions: 0..<1, records: 10_000..<10_050)
        let result = try await copy.wait()
        #expect(result.exitCode == 6, "\(result.account)")
        try await trial.seeder.fill(trial.topics.source, partitions: 0..<1, records: 10_050..<22_000)
        #expect(await trial.watch.settle())
        let ledger = trial.watch.ledger
        #expect(ledger.isClean, "\(ledger.faults)")
        // Nothing of the new topic was touched, nor is it taken for done later.
        #expect(ledger.missing { $0.index >= 10_000 }.count == 12_000)
        #expect(try await trial.drain(run: "next").exitCode == 6)
    }

    @Test("Progress that was deleted refuses the run", arguments: [false, true])
    func deletedProgress(isMadeAnew: Bool) async throws {
        let trial = try await Trial("no-progress", partitions: 1, records: 100)
        #expect(try await trial.drain(run: "first", options: ["--limit", "40"]).exitCode == 0)
        try await trial.deleteTopic(trial.topics.progress)
        if isMadeAnew {
            let isMade = await eventually {
                do {
                    try await trial.kafka.createTopic(
                        named: trial.topics.progress, partitions: 3, settings: ["cleanup.policy": "compact"])
                    return true
                } catch {
                    return false
                }
            }
            try #require(isMade)
        }
        let second = try await trial.drain(run: "second")
        #expect(second.exitCode == 6, "\(second.account)")
        await trial.expectEachOnce(where: { $0.index < 40 }, count: 40)
    }

    @Test("An offset set by another program is refused, and followed only when told to")
    func reset() async throws {
        let trial = try await Trial("reset", partitions: 1, records: 200)
        #expect(try await trial.drain(run: "first", options: ["--limit", "150"]).exitCode == 0)
        let reset = try await trial.kafka.tool(
            "kafka-consumer-groups.sh",
            [
                "--group", trial.topics.group, "--topic", trial.topics.source, "--reset-offsets", "--to-offset", "180",
                "--execute",
            ])
        #expect(reset.exitCode == 0, "\(reset.account)")
        let refused = try await trial.drain(run: "refused")
        #expect(refused.exitCode == 6, "\(refused.account)")
        #expect(refused.errors.contains("--accept-reset"), "\(refused.errors)")
        await trial.expectEachOnce(where: { $0.index < 150 }, count: 150)
        let accepted = try await trial.drain(run: "accepted", options: ["--accept-reset"])
        #expect(accepted.exitCode == 0, "\(accepted.account)")
        // 150 to 179 were declared done by whoever set the offset.
        await trial.expectEachOnce(where: { $0.index < 150 || $0.index >= 180 }, count: 170)
        #expect(try await trial.committedOffsets() == [200])
    }
}

extension Trial {
    func deleteTopic(_ topic: String) async throws {
        let failures = try await blocking { configuration in
            let admin = try KafkaAdmin(configuration)
            defer { admin.close(timeout: .seconds(5)) }
            return try admin.deleteTopics([topic], timeout: .seconds(30))
        }
        #expect(failures.isEmpty)
    }

    /// Makes the dead-letter topic again once its deletion is through.
    func recreateSource() async throws {
        let isMade = await eventually {
            do {
                try await topics.createSource(on: kafka)
                return true
            } catch {
                return false
            }
        }
        try #require(isMade)
    }

    /// Writes a record that nobody can follow over a progress record.
    func write(_ damage: ProgressTests.Damage, key: String) async throws {
        let topic = topics.progress
        try await blocking { configuration in
            var value = ProgressCodec.encode(
                .partition(committed: 10, logStart: 0, witness: nil),
                stamp: ProgressStamp(run: "other", copy: "other", sequence: 1_000_000))
            switch damage {
            case .newerVersion: value[0] = ProgressCodec.version + 1
            case .flippedBit: value[value.count / 2] ^= 4
            case .truncated: value.removeLast(3)
            case .empty: value = []
            }
            let producer = try KafkaProducer(configuration, transactionalID: nil)
            defer { producer.close(timeout: .seconds(5)) }
            try producer.topic(topic).send(
                OutgoingRecord(
                    partition: KeyPartitioner.partition(of: key, count: 3), key: Array(key.utf8), value: value))
            try producer.flush(timeout: .seconds(30))
        }
    }
}
