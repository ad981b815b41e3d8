import Archive
import Glibc
import Kafka
import KafkaTestSupport
import Lifecycle
import TestSupport
import Testing

@Suite("Replays on Apache Kafka", ScratchKafka.requirement)
struct ReplayTests {
    @Test("every event arrives once, with its origin, run and kind, its own time, and a trace linked to the old one")
    func whole() async throws {
        let scene = try await Scene("whole", records: 300)
        let result = try await scene.replay("whole", ["--rate", "max"])
        #expect(result.exitCode == 0, "\(result.errors)")
        let (sent, got) = (try await scene.committed(scene.source), try await scene.committed(scene.destination))
        let isWhole = Scene.values(got).sorted() == Scene.values(sent).sorted()
        #expect(isWhole, "\(got.count) of \(sent.count)")
        let text = { (record: ArchivedRecord, name: String) in
            record.headers.last { $0.name == Array(name.utf8) }?.value.map { String(decoding: $0, as: UTF8.self) }
        }
        for record in got {
            #expect(text(record, "__dlq.errors.topic") == scene.source)
            #expect(text(record, "gamification.redrive.run") == "whole")
            #expect(text(record, "gamification.redrive.kind") == "replay")
            #expect(text(record, "traceparent")?.count == 55)
            #expect(text(record, "gamification.retry.count") == nil)
            let offset = Int64(text(record, "__dlq.errors.offset") ?? "") ?? -1
            let partition = Int32(text(record, "__dlq.errors.partition") ?? "") ?? -1
            let origin = sent.first { $0.partition == partition && $0.offset == offset }
            #expect(origin?.value == record.value && origin?.timestamp == record.timestamp)
        }
        // Records of one source partition and key stand in the order in which they stood.
        var last: [String: Int64] = [:]
        for record in got {
            let key = "\(text(record, "__dlq.errors.partition") ?? "") \(record.key.map { "\($0)" } ?? "none")"
            let offset = Int64(text(record, "__dlq.errors.offset") ?? "") ?? -1
            #expect(last[key] ?? -1 < offset)
            last[key] = offset
        }
        #expect(last.count > 20)
        let again = try await scene.replay("whole", ["--rate", "max"])
        #expect(again.exitCode == 0 && again.output.contains("\"redriven\": 0"))
        #expect(try await scene.committed(scene.destination).count == 300)
    }

    @Test("a header's filter and a range select, and what is left out is done")
    func selected() async throws {
        let scene = try await Scene("selected", records: 300)
        let result = try await scene.replay(
            "odd", ["--rate", "max", "--header", "source=import-*", "--from", "1:10", "--to", "1:60"])
        #expect(result.exitCode == 0, "\(result.errors)")
        let got = try await scene.committed(scene.destination)
        let wanted = try await scene.committed(scene.source).filter {
            $0.partition == 1 && (10..<60).contains($0.offset) && $0.headers[0].value == Array("import-1".utf8)
        }
        let isSelected = Scene.values(got).sorted() == Scene.values(wanted).sorted()
        #expect(isSelected && !wanted.isEmpty)
        #expect(result.output.contains("\"remaining\": 0"))
    }

    @Test("another filter under the same name is refused; nothing but the name goes on with it")
    func conflict() async throws {
        let scene = try await Scene("conflict", records: 60)
        #expect(try await scene.replay("c", ["--rate", "max", "--limit", "10"]).exitCode == 0)
        let other = try await scene.replay("c", ["--rate", "max", "--header", "source=x"])
        #expect(other.exitCode == 6 && other.errors.contains("--header"), "\(other.errors)")
        let bare = try await Program.run(scene.connection + ["--run", "c", "--rate", "max", "--yes"])
        #expect(bare.exitCode == 0, "\(bare.errors)")
        #expect(try await scene.committed(scene.destination).count == 60)
    }

    @Test("killed, it goes on where it was, each event once")
    func killed() async throws {
        let scene = try await Scene("killed", records: 3_000)
        for _ in 0..<3 {
            let process = try Program.start(
                scene.flags("k", ["--topic", scene.source, "--to", scene.destination, "--rate", "500"]))
            let before = try await scene.committed(scene.destination, isSettled: false).count
            _ = await eventually(deadline: 60) {
                let now = try? await scene.committed(scene.destination, isSettled: false).count
                return (now ?? 0) > before || !process.isRunning
            }
            process.signal(SIGKILL)
            _ = try await process.wait(deadline: 10)
        }
        let last = try await scene.replay("k", ["--rate", "max"])
        #expect(last.exitCode == 0, "\(last.errors)")
        // What a killed copy left open holds readers back until it has timed out.
        let (sent, got) = (try await scene.committed(scene.source), try await scene.committed(scene.destination))
        let isWhole = Scene.values(got).sorted() == Scene.values(sent).sorted()
        #expect(isWhole, "\(got.count) of \(sent.count)")
    }

    @Test("paused, made faster, let go on, and stopped from elsewhere")
    func controlled() async throws {
        let scene = try await Scene("controlled", records: 5_000)
        let process = try Program.start(
            scene.flags("n", ["--topic", scene.source, "--to", scene.destination, "--rate", "50"]))
        #expect(
            await eventually(deadline: 60) {
                (try? await scene.committed(scene.destination, isSettled: false).count) ?? 0 > 0
            })
        func control(_ words: [String]) async throws {
            let result = try await Program.run(words + ["--run", "n"] + scene.connection)
            #expect(result.exitCode == 0, "\(result.errors)")
        }
        try await control(["pause"])
        // It stands still once that is heeded.
        var last = -1
        var stillness = Stillness<Int>(for: 1)
        let isStill = try await eventually(deadline: 30) {
            last = try await scene.committed(scene.destination, isSettled: false).count
            return stillness.holds(last)
        }
        #expect(isStill)
        // While it waits no transaction holds readers back.
        #expect(try await scene.committed(scene.destination).count == last)
        let status = try await Program.run(["status", "--run", "n", "--output", "json"] + scene.connection)
        #expect(status.output.contains("\"state\": \"paused\""), "\(status.output)\(status.errors)")
        try await control(["rate", "2000"])
        try await control(["resume"])
        #expect(
            await eventually(deadline: 30) {
                (try? await scene.committed(scene.destination, isSettled: false).count) ?? 0 > last + 1_000
            }
        )
        try await control(["stop"])
        let ended = try await process.wait(deadline: 30)
        #expect(ended.exitCode == 7, "\(ended.output)\(ended.errors)")
        let finished = try await scene.replay("n", ["--rate", "max"])
        #expect(finished.exitCode == 0, "\(finished.errors)")
        #expect(try await scene.committed(scene.destination).count == 5_000)
    }

    @Test("newer records of the same keys are warned of, or refused")
    func order() async throws {
        let scene = try await Scene("order", records: 100)
        #expect(try await scene.replay("one", ["--rate", "max"]).exitCode == 0)
        let refused = try await scene.replay("two", ["--rate", "max", "--strict-order"])
        #expect(refused.exitCode == 6 && refused.errors.contains("old state after new"), "\(refused.errors)")
        let warned = try await scene.replay("three", ["--rate", "max"])
        #expect(warned.exitCode == 0 && warned.errors.contains("old state after new"), "\(warned.errors)")
    }

    @Test("without the topic in which runs stand it is refused; a dry run only looks")
    func missing() async throws {
        let scene = try await Scene("missing", records: 10)
        let refused = try await Program.run([
            "-b", scene.kafka.bootstrapServers, "--no-decode", "--topic", scene.source, "--to", scene.destination,
            "--runs-topic", "no.such.runs", "--yes",
        ])
        #expect(refused.exitCode == 6 && refused.errors.contains("topics --create"), "\(refused.errors)")
        let dry = try await Program.run(
            scene.flags("d", ["--topic", scene.source, "--to", scene.destination, "--dry-run"]))
        #expect(dry.exitCode == 0 && dry.output.contains("\"redriven\": 10"), "\(dry.errors)")
        #expect(try await scene.committed(scene.destination).isEmpty)
        let gone = try await Program.run(
            scene.flags("g", ["--topic", "no.such.topic", "--to", scene.destination]))
        #expect(gone.exitCode == 6 && gone.errors.contains("no.such.topic"), "\(gone.errors)")
    }
}
