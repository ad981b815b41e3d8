import Glibc
import RedriveProofs
import TestSupport
import Testing

@Suite("A drain that leaves records behind", ScratchKafka.requirement, .timeLimit(.minutes(5)))
struct SelectionTests {
    @Test("A random third of 300,000 records in one partition, and later the rest: each once")
    func thirdThenRest() async throws {
        let count = 300_000
        let trial = try await Trial("third", partitions: 1, records: count, order: .withinRun)
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

    @Test("Records that are not selected are appended again once, although the drain is killed")
    func requeued() async throws {
        let trial = try await Trial("requeue", partitions: 2, records: 1_500, order: .open)
        let options = ["--merchant", ProofRecord.merchants[0], "--skipped", "requeue"]
        let first = try trial.start(run: "first", rate: 200, options: options)
        try await trial.waitUntilPublished(by: first, atLeast: 100)
        first.process.signal(SIGKILL)
        let second = try await trial.drain(run: "second", options: options)
        #expect(second.exitCode == 0, "\(second.account)")
        let selected = trial.seeded.count { $0.merchant == 0 }
        await trial.expectEachOnce(where: { $0.merchant == 0 }, count: selected)
        let rest = try await trial.drain(run: "rest")
        #expect(rest.exitCode == 0, "\(rest.account)")
        #expect(rest.count("redriven") == 3_000 - selected, "\(rest.account)")
        await trial.expectEachOnce(count: 3_000)
    }

    @Test("A drain that follows takes what is appended, until it is stopped")
    func follows() async throws {
        let trial = try await Trial("follow", partitions: 2, records: 100, capacity: 300)
        let copy = try trial.start(run: "copy", options: ["--follow"])
        #expect(await eventually(deadline: 60) { trial.watch.delivered == 200 })
        try await trial.seeder.fill(trial.topics.source, partitions: 0..<2, records: 100..<300)
        #expect(await eventually(deadline: 60) { trial.watch.delivered == 600 })
        copy.process.signal(SIGTERM)
        let result = try await copy.wait()
        #expect(result.exitCode == 143, "\(result.account)")
        await trial.expectEachOnce(count: 600)
    }

    @Test("A run that finds nothing to select says how many it skipped, and the rest is still there for the next")
    func nothingSelected() async throws {
        let trial = try await Trial("nobody", partitions: 2, records: 50, order: .withinRun)
        let nobody = try await trial.drain(run: "nobody", options: ["--merchant", "no-such-merchant"])
        #expect(nobody.exitCode == 0, "\(nobody.account)")
        #expect(nobody.count("skipped") == 100, "\(nobody.account)")
        #expect(nobody.count("remaining") == 100, "\(nobody.account)")
        await trial.expectEachOnce(where: { _ in false }, count: 0)
    }

    @Test("A limit is reached exactly, run after run, until all is done: each once")
    func limits() async throws {
        let trial = try await Trial("limit", partitions: 2, records: 50, order: .withinRun)
        for (number, expected) in [40, 40, 20].enumerated() {
            let run = try await trial.drain(run: "limit-\(number)", options: ["--limit", "40"])
            #expect(run.exitCode == 0, "\(run.account)")
            #expect(run.count("redriven") == expected, "\(run.account)")
        }
        await trial.expectEachOnce(count: 100)
    }
}
