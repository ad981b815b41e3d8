import Archive
import Glibc
import Kafka
import TestSupport
import Testing

@Suite("Archives and what is restored from them", ScratchKafka.requirement)
struct ArchiveTests {
    /// Without its offset, which is another where it stands anew.
    private static func bare(_ record: ArchivedRecord) -> ArchivedRecord {
        var record = record
        record.offset = 0
        return record
    }

    private static func size(_ path: String) -> Int {
        var found = stat()
        return stat(path, &found) == 0 ? Int(found.st_size) : 0
    }

    @Test("100,000 records, killed in the middle of both: restored byte for byte, in order, each once")
    func killed() async throws {
        let scene = try await Scene("hundred", records: 0)
        try await scene.publish((0..<100_000).map { Scene.record($0, partitions: 3) })
        let directory = try ScratchDirectory()
        let path = directory.file("a.avro")
        let write = scene.flags("w", ["--topic", scene.source, "--to-file", path, "--rate", "max"])
        let writing = try Program.start(write)
        #expect(await eventually(deadline: 60) { Self.size(path) > 200_000 || !writing.isRunning })
        writing.signal(SIGKILL)
        _ = try await writing.wait(deadline: 10)
        let written = try await Program.run(write)
        #expect(written.exitCode == 0 && written.count("remaining") == 0, "\(written.errors)\(written.output)")
        let sent = try await scene.committed(scene.source)
        try await scene.makeAnew(scene.source)
        let restore = scene.flags(
            "r", ["--from-file", path, "--to", "origin", "--allow-origin", scene.source, "--rate", "max"])
        let restoring = try Program.start(restore)
        #expect(
            await eventually(deadline: 60) {
                (try? await scene.committed(scene.source, isSettled: false).count) ?? 0 > 0 || !restoring.isRunning
            })
        restoring.signal(SIGKILL)
        _ = try await restoring.wait(deadline: 10)
        let restored = try await Program.run(restore)
        #expect(restored.exitCode == 0 && restored.count("remaining") == 0, "\(restored.errors)\(restored.output)")
        let got = try await scene.committed(scene.source)
        #expect(got.count == sent.count)
        let isSame = got.map(Self.bare) == sent.map(Self.bare)
        #expect(isSame)
        let runs = try await Program.run(["runs", "--output", "json"] + scene.connection)
        #expect(runs.exitCode == 0 && runs.output.ranges(of: "\"done\": 100000").count == 2, "\(runs.output)")
    }

    @Test("two copies that restore one archive at the same moment publish each record once")
    func race() async throws {
        let scene = try await Scene("race", records: 3_000)
        let directory = try ScratchDirectory()
        let path = directory.file("a.avro")
        let written = try await Program.run(
            scene.flags("w", ["--topic", scene.source, "--to-file", path, "--rate", "max"]))
        #expect(written.exitCode == 0, "\(written.errors)")
        for round in 0..<3 {
            let restore = scene.flags("r\(round)", ["--from-file", path, "--to", scene.destination])
            let before = try await scene.committed(scene.destination).count
            let copies = try (0..<3).map { _ in try Program.start(restore + ["--rate", "1500"]) }
            for copy in copies {
                let result = try await copy.wait(deadline: 90)
                let isFenced = result.exitCode == 6 && result.errors.contains("another copy")
                #expect(result.exitCode == 0 || isFenced, "\(result.exitCode): \(result.errors)")
            }
            let last = try await Program.run(restore + ["--rate", "max"])
            #expect(last.exitCode == 0 && last.count("remaining") == 0, "\(last.errors)")
            let values = try await Scene.values(scene.committed(scene.destination)).filter { $0 != "null" }
            #expect(try await scene.committed(scene.destination).count - before == 3_000)
            #expect(Set(values).count * (round + 1) == values.count)
        }
    }

    @Test("what retention takes before an archive comes to it is counted as gone")
    func overtaken() async throws {
        let scene = try await Scene("overtaken", records: 0, partitions: 2)
        try await scene.publish(Scene.large(4_000))
        let directory = try ScratchDirectory()
        let path = directory.file("a.avro")
        let copy = try Program.start(
            scene.flags(
                "o",
                [
                    "--topic", scene.source, "--to-file", path, "--rate", "100", "-X", "queued.max.messages.kbytes=1",
                    "-X", "fetch.message.max.bytes=1000",
                ]))
        #expect(await eventually(deadline: 60) { Self.size(path) > 2_000 })
        try await scene.deleteRecords(before: 1_950, in: 0)
        try await scene.deleteRecords(before: 1_950, in: 1)
        let result = try await copy.wait(deadline: 90)
        #expect(result.exitCode == 3 && result.count("remaining") == 0, "\(result.errors)\(result.output)")
        let (gone, redriven) = (result.count("gone") ?? 0, result.count("redriven") ?? 0)
        #expect(gone + redriven == 4_000 && gone > 1_000 && redriven > 100, "\(result.output)")
    }

    @Test("an archive that is in the way is refused and left as it is; an answer of no makes none")
    func inTheWay() async throws {
        let scene = try await Scene("way", records: 200)
        let directory = try ScratchDirectory()
        let path = directory.file("a.avro")
        let write = ["--topic", scene.source, "--to-file", path, "--rate", "max"]
        let unanswered = try await Program.run(scene.flags("w", write).filter { $0 != "--yes" })
        #expect(unanswered.exitCode == 6 && unanswered.errors.contains("--yes"), "\(unanswered.errors)")
        #expect(Self.size(path) == 0)
        let part = try await Program.run(scene.flags("w", write + ["--limit", "50"]))
        #expect(part.exitCode == 0 && part.count("redriven") == 50, "\(part.errors)\(part.output)")
        #expect(part.count("remaining") == 150, "\(part.output)")
        // As a crash in the middle of a block leaves it.
        let bytes = try readBytes(path) + [1, 2, 3]
        try writeBytes(bytes, to: path)
        let other = try await Program.run(scene.flags("other", write))
        #expect(other.exitCode == 6 && other.errors.contains("nothing was written"), "\(other.errors)")
        #expect(try readBytes(path) == bytes)
        let rest = try await Program.run(scene.flags("w", write))
        #expect(rest.exitCode == 0 && rest.count("redriven") == 150, "\(rest.errors)\(rest.output)")
        // What restores it warns of newer records as a replay of topics does.
        let restore = ["--from-file", path, "--to", scene.destination, "--rate", "max"]
        #expect(try await Program.run(scene.flags("one", restore)).exitCode == 0)
        let strict = try await Program.run(scene.flags("two", restore + ["--strict-order"]))
        #expect(strict.exitCode == 6 && strict.errors.contains("old state after new"), "\(strict.errors)")
        let foreign = directory.file("text")
        try writeText("no archive", to: foreign)
        let refused = try await Program.run(
            scene.flags("f", ["--from-file", foreign, "--to", scene.destination, "--rate", "max"]))
        #expect(refused.exitCode == 1 && refused.errors.contains("container"), "\(refused.errors)")
    }
}
