import Glibc
import Kafka
import KafkaTestSupport
import RedriveProofs
import TestSupport
import Testing

@Suite("Transactions of others", ScratchKafka.requirement, .serialized, .timeLimit(.minutes(5)))
struct OpenTransactionTests {
    /// Progress that lies behind another group's open transaction is committed and yet invisible to a reader that stops
    /// at the last stable offset; what it marks would be published again.
    @Test(
        "An open transaction on the progress topic is waited for",
        arguments: [[], ["--merchant", ProofRecord.merchants[0], "--merchant", ProofRecord.merchants[1]]])
    func progressTopic(filter: [String]) async throws {
        let trial = try await Trial(
            "waits", partitions: 2, records: 500, order: filter.isEmpty ? .acrossRuns : .withinRun)
        let first = try trial.start(run: "first", rate: 100, options: filter)
        try await trial.waitUntilPublished(by: first)
        let other = try await OpenTransaction(
            trial.kafka,
            records: (0..<3).map { partition in
                (
                    trial.topics.progress,
                    OutgoingRecord(partition: partition, key: Array("other/topic/0".utf8), value: [1, 2, 3])
                )
            })
        let before = trial.watch.delivered
        #expect(await eventually { trial.watch.delivered >= before + 60 })
        first.process.signal(SIGTERM)
        #expect(try await first.wait().exitCode == 143)
        #expect(await trial.watch.settle())
        let done = trial.watch.delivered

        let second = try trial.start(run: "second", options: filter)
        try await second.process.waitForOutput(deadline: 60, onErrors: true) {
            $0.contains("waiting for an open transaction")
        }
        #expect(trial.watch.attempts { $0.attempts(by: "second") } == 0)
        try await other.commit()
        let result = try await second.wait()
        #expect(result.exitCode == 0, "\(result.account)")
        let merchants = filter.isEmpty ? 3 : 2
        let selected: @Sendable (ProofRecord) -> Bool = { $0.merchant < merchants }
        let expected = trial.seeded.filter(selected).count
        #expect(result.count("redriven") == expected - done, "\(result.account)")
        await trial.expectEachOnce(where: selected, count: expected)
        if !filter.isEmpty {
            #expect(try await trial.drain(run: "rest").exitCode == 0)
            await trial.expectEachOnce(count: 1_000)
        }
    }

    @Test("An open transaction at the end of the dead-letter topic ends the run at the last stable offset")
    func deadLetterTopic() async throws {
        let trial = try await Trial("open-end", partitions: 2, records: 100, capacity: 200)
        let open = try await OpenTransaction(
            trial.kafka,
            records: (100..<110).map {
                (trial.topics.source, ProofRecord(partition: 0, index: Int32($0)).outgoing())
            })
        // Committed records behind it are out of reach too: a read_committed reader does not get past it.
        try await trial.seeder.fill(trial.topics.source, partitions: 0..<2, records: 110..<130)
        let result = try await trial.drain(run: "first")
        #expect(result.exitCode == 0, "\(result.account)")
        #expect(result.errors.contains("open transaction"), "\(result.errors)")
        await trial.expectEachOnce(
            where: { $0.index < 100 || ($0.partition == 1 && (110..<130).contains($0.index)) }, count: 220)
        try await open.commit()
        let second = try await trial.drain(run: "second")
        #expect(second.exitCode == 0, "\(second.account)")
        await trial.expectEachOnce(
            where: { $0.index < 100 || (110..<130).contains($0.index) || ($0.partition == 0 && $0.index < 110) },
            count: 250)
    }

    @Test("Records of aborted transactions on the dead-letter topic are passed over")
    func abortedDeadLetters() async throws {
        let trial = try await Trial("aborted", partitions: 1, records: 50, capacity: 200)
        let open = try await OpenTransaction(
            trial.kafka,
            records: (50..<60).map { (trial.topics.source, ProofRecord(partition: 0, index: Int32($0)).outgoing()) })
        try await open.abort()
        let result = try await trial.drain(run: "first")
        #expect(result.exitCode == 0, "\(result.account)")
        #expect(result.count("remaining") == 0, "\(result.account)")
        await trial.expectEachOnce(where: { $0.index < 50 }, count: 50)
        // The end itself, markers and all, is what is committed: lag monitors see nothing left.
        #expect(try await trial.committedOffsets() == [61])
    }
}
