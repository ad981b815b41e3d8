import Glibc
import Archive
import Kafka
import TestSupport
import Testing

@Suite("Sources with gaps, and destinations that are behind", ScratchKafka.requirement)
struct SourceTests {
    private static func record(_ key: String, _ value: String?) -> OutgoingRecord {
        OutgoingRecord(
            partition: 0, key: Array(key.utf8), value: value.map { Array($0.utf8) }, timestamp: 1_790_000_000_000)
    }

    @Test("aborted transactions and markers are passed, and count as done", arguments: ["max", "200"])
    func aborted(rate: String) async throws {
        let scene = try await Scene("aborted", records: 0, partitions: 1)
        for round in 0..<4 {
            try await scene.transact((0..<10).map { Self.record("k", "\(round)-\($0)") }, commits: round % 2 == 0)
        }
        // The last offsets are a marker's and those of an aborted transaction.
        let result = try await scene.replay("a", ["--rate", rate])
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(result.count("redriven") == 20 && result.count("remaining") == 0, "\(result.output)")
        #expect(result.count("gone") == 0, "\(result.output)")
        #expect(try await scene.arrived().allSatisfy { $0.hasPrefix("0") || $0.hasPrefix("2") })
        let again = try await scene.replay("a", ["--rate", rate])
        #expect(again.exitCode == 0 && again.count("redriven") == 0, "\(again.errors)")
    }

    @Test("of a compacted topic what is left is replayed, gaps and all, in parts and whole, and all of it is done")
    func compacted() async throws {
        let scene = try await Scene(
            "compacted", records: 0, partitions: 1,
            settings: [
                "cleanup.policy": "compact", "segment.ms": "1000", "min.cleanable.dirty.ratio": "0.01",
                "min.compaction.lag.ms": "0", "delete.retention.ms": "0",
            ])
        // A segment closes when a record comes that is younger than its first by so much, and only closed ones are cleaned.
        var time: Int64 = 1_790_000_000_000
        func record(_ key: String, _ value: String) -> OutgoingRecord {
            time += 100
            return OutgoingRecord(partition: 0, key: Array(key.utf8), value: Array(value.utf8), timestamp: time)
        }
        for round in 0..<5 { try await scene.publish((0..<40).map { record("k\($0)", "\(round)-\($0)") }) }
        time += 60_000
        try await scene.publish([record("last", "last")])
        #expect(await eventually(deadline: 60) { (try? await scene.committed(scene.source).count) == 41 })
        let wanted = try await Scene.values(scene.committed(scene.source)).sorted()
        let part = try await scene.replay("c", ["--rate", "max", "--limit", "20"])
        #expect(part.exitCode == 0 && part.errors.contains("is compacted"), "\(part.errors)")
        let status = try await Program.run(["status", "--run", "c", "--output", "json"] + scene.connection)
        // Gaps count as offsets that are done once they are passed, and not before.
        #expect(status.count("done") == 180 && status.count("offsets") == 201, "\(status.output)")
        #expect(part.count("remaining") == 21, "\(part.output)")
        let whole = try await scene.replay("c", ["--rate", "200"])
        #expect(whole.exitCode == 0 && whole.count("remaining") == 0, "\(whole.errors)\(whole.output)")
        #expect(whole.count("gone") == 0, "\(whole.output)")
        let ended = try await Program.run(["status", "--run", "c", "--output", "json"] + scene.connection)
        #expect(ended.count("done") == ended.count("offsets"), "\(ended.output)")
        #expect(try await scene.arrived() == wanted)
    }

    @Test("what retention takes before the run comes to it is counted as gone")
    func overtaken() async throws {
        let scene = try await Scene("overtaken", records: 0, partitions: 2)
        try await scene.publish(Scene.large(4_000))
        let copy = try scene.start(
            "o", ["--rate", "100", "-X", "queued.max.messages.kbytes=1", "-X", "fetch.message.max.bytes=1000"])
        #expect(await eventually(deadline: 60) { (try? await scene.arrived(isSettled: false).count) ?? 0 > 20 })
        try await scene.deleteRecords(before: 1_950, in: 0)
        try await scene.deleteRecords(before: 1_950, in: 1)
        let result = try await copy.wait(deadline: 90)
        #expect(result.exitCode == 3, "\(result.errors)\(result.output)")
        let got = try await scene.arrived()
        #expect(Set(got.filter { $0 != "null" }).count == got.count { $0 != "null" }, "some came twice")
        #expect(result.count("gone") == 4_000 - got.count && got.count < 3_000, "\(result.output)")
        #expect(result.count("redriven") == got.count && result.count("remaining") == 0, "\(result.output)")
    }

    @Test("it waits for consumers of the destination that are behind, and goes on when they have caught up")
    func lag() async throws {
        let scene = try await Scene("lag", records: 400, partitions: 1)
        let group = uniqueName("consumers")
        // Five records before the run: they make the lag from which it begins.
        try await scene.publish((0..<5).map { Self.record("k", "before \($0)") }, to: scene.destination)
        try await scene.commit(0, of: scene.destination, for: group)
        let limit = "\(scene.destination):\(group)=4"
        let copy = try scene.start("l", ["--rate", "max", "--max-lag", limit])
        _ = try await copy.waitForOutput(onErrors: true) { $0.contains("5 records behind") }
        #expect(try await scene.arrived().count == 5)
        try await scene.commit(5, of: scene.destination, for: group)
        #expect(await eventually(deadline: 60) { (try? await scene.arrived(isSettled: false).count) ?? 0 > 5 })
        copy.signal(SIGTERM)
        _ = try await copy.wait(deadline: 60)
        // One that never catches up ends the run in the end.
        try await scene.commit(0, of: scene.destination, for: group)
        let expired = try await scene.replay("m", ["--rate", "max", "--max-lag", limit, "--lag-wait", "2s"])
        #expect(
            expired.exitCode == 7 && expired.errors.contains("--lag-wait"),
            "exit \(expired.exitCode): \(expired.errors)\(expired.output)")
    }

    @Test("copies that begin one run at the same moment go by one range, each event once")
    func race() async throws {
        for round in 0..<3 {
            let scene = try await Scene("race", records: 300)
            let copies = try (0..<3).map { _ in try scene.start("r", ["--rate", "max"]) }
            // Ends differ between those that look earlier and later.
            for part in 0..<40 { try await scene.publish((0..<6).map { Scene.record(part * 6 + $0, partitions: 3) }) }
            var redriven = 0
            for copy in copies {
                let result = try await copy.wait(deadline: 90)
                #expect(result.exitCode == 0, "round \(round): \(result.errors)")
                redriven += result.count("redriven") ?? 0
            }
            let status = try await Program.run(["status", "--run", "r", "--output", "json"] + scene.connection)
            let arrived = try await scene.arrived().count
            #expect(arrived == redriven)
            #expect(status.count("offsets") == arrived, "round \(round): \(status.output)")
        }
    }
}
