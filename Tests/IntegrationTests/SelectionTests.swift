import RedriveProofs
import TestSupport
import Testing

@Suite("A drain that leaves records behind", ScratchKafka.requirement, .timeLimit(.minutes(5)))
struct SelectionTests {
    @Test("A random third of 300,000 records in one partition, and later the rest: each once")
    func thirdThenRest() async throws {
        let count = 300_000
        let trial = try await Trial("third", partitions: 1, records: count, leavesRecords: true)
        let third = try await trial.drain(
            run: "third", options: ["--merchant", ProofRecord.merchants[1]], deadline: 200)
        #expect(third.exitCode == 0, "\(third.account)")
        let expected = trial.seeded.count { $0.merchant == 1 }
        await trial.expectEachOnce(where: { $0.merchant == 1 }, count: expected)
        #expect(third.count("skipped") == count - expected, "\(third.account)")
        // Five chunks of at most 8 KiB a transaction; the committed offset has not moved past the first one left.
        let progress = try await TopicCount.of(trial.topics.progress, partitions: 3, on: trial.kafka)
        #expect(progress.bytes < 4 << 20, "\(progress)")
        let rest = try await trial.drain(run: "rest", deadline: 200)
        #expect(rest.exitCode == 0, "\(rest.account)")
        #expect(rest.count("redriven") == count - expected, "\(rest.account)")
        await trial.expectEachOnce(count: count)
        #expect(try await trial.committedOffsets() == [Int64(count)])
    }
}
