import Archive
import Kafka
import TestSupport
import Testing

@Suite("Runs, and what is known of them", ScratchKafka.requirement)
struct RunTests {
    private static func forget(_ run: String, _ scene: Scene) async throws {
        let result = try await scene.kafka.tool(
            "kafka-consumer-groups.sh", ["--delete", "--group", "gamification.replay.\(run)"])
        #expect(result.exitCode == 0, "\(result.errors)\(result.output)")
    }

    @Test("a broker that forgets the group's offsets makes nothing be published again")
    func forgotten() async throws {
        let scene = try await Scene("forgotten", records: 90)
        // One partition is finished, the others are not.
        let part = try await scene.replay("forgotten", ["--rate", "max", "--limit", "40"])
        #expect(part.exitCode == 0 && part.count("redriven") == 40, "\(part.errors)")
        try await Self.forget("forgotten", scene)
        let rest = try await scene.replay("forgotten", ["--rate", "max"])
        #expect(rest.exitCode == 0 && rest.count("redriven") == 50, "\(rest.errors)\(rest.output)")
        // All of it is done: the run's record says so, and the progress becomes tombstones.
        let lengths = try await scene.progressLengths()
        #expect(lengths.count >= 3 && lengths.values.allSatisfy { $0 == -1 }, "\(lengths)")
        try await Self.forget("forgotten", scene)
        let again = try await scene.replay("forgotten", ["--rate", "max"])
        #expect(again.exitCode == 0 && again.count("redriven") == 0, "\(again.errors)\(again.output)")
        #expect(again.errors.contains("run forgotten is finished"), "\(again.errors)")
        #expect(try await scene.arrived().count == 90)
    }

    @Test("where nothing says any more what a run has done, it is refused")
    func unknown() async throws {
        let scene = try await Scene("unknown", records: 30)
        let flags =
            scene.connection + ["--progress-topic", "no.such.progress", "--run", "unknown", "--no-decode", "--yes"]
            + ["--topic", scene.source, "--to", scene.destination, "--rate", "max"]
        let first = try await Program.run(flags + ["--limit", "20"])
        #expect(first.exitCode == 0 && first.errors.contains("does not exist"), "\(first.errors)")
        try await Self.forget("unknown", scene)
        let again = try await Program.run(flags)
        #expect(again.exitCode == 6 && again.errors.contains("nothing says any more which"), "\(again.errors)")
        #expect(try await scene.arrived().count == 20)
    }

    @Test("runs are listed with range, progress, rate, who and when, in a table and as JSON")
    func listed() async throws {
        let scene = try await Scene("listed", records: 90)
        #expect(try await scene.replay("some", ["--rate", "max", "--limit", "30"]).exitCode == 0)
        #expect(try await scene.replay("all", ["--rate", "max", "--header", "source=import-*"]).exitCode == 0)
        let table = try await Program.run(["runs"] + scene.connection)
        #expect(table.exitCode == 0, "\(table.errors)")
        let lines = table.output.split(separator: "\n").map(String.init)
        let some = lines.first { $0.hasPrefix("some ") } ?? ""
        let all = lines.first { $0.hasPrefix("all ") } ?? ""
        #expect(some.contains("stopped") && some.contains("33") && some.contains(scene.source), "\(table.output)")
        #expect(all.contains("finished") && all.contains("100") && all.contains("max"), "\(table.output)")
        #expect(all.contains("@") && all.contains("90"), "\(table.output)")
        let json = try await Program.run(["runs", "--output", "json"] + scene.connection)
        for part in ["\"started_at\": \"2", "\"by\": \"", "\"source=import-*\"", "\"done\": 90", "\"done\": 30"] {
            #expect(json.output.contains(part), "\(part): \(json.output)")
        }
        let status = try await Program.run(["status", "--run", "all"] + scene.connection)
        #expect(status.output.contains("--header source=import-*"), "\(status.output)\(status.errors)")
    }

    @Test("a copy that has finished its part does not make the run finished")
    func parts() async throws {
        let scene = try await Scene("parts", records: 90, partitions: 1)
        func copy(_ id: String, _ state: String, _ time: String) -> String {
            """
            {"id":"\(id)","by":"ann@ops","started_at":"\(time)","updated_at":"\(time)","sequence":1,"state":"\(state)",\
            "tally":{"redriven":40,"parked":{},"skipped":0,"requeued":0,"rejected":0,"gone":0,"bytes":0}}
            """
        }
        let record = """
            {"version":1,"name":"parts","program":"replay","command":"start","group":"gamification.replay.parts",\
            "definition":{},"range":{"\(scene.source)":[[0,90]]},"rate":"100","started_at":"2026-01-01T00:00:00.000Z",\
            "copies":[\(copy("a", "running", "2026-01-01T00:00:00.000Z")),\
            \(copy("b", "finished", "2026-01-01T00:01:00.000Z"))]}
            """
        try await scene.publish(
            [OutgoingRecord(partition: 0, key: Array("parts".utf8), value: Array(record.utf8))], to: scene.runs)
        try await scene.commit(50, of: scene.source, for: "gamification.replay.parts")
        let status = try await Program.run(["status", "--run", "parts", "--output", "json"] + scene.connection)
        #expect(status.output.contains("\"state\": \"lost\""), "\(status.output)\(status.errors)")
        #expect(status.count("done") == 50, "\(status.output)")
        try await scene.commit(90, of: scene.source, for: "gamification.replay.parts")
        let whole = try await Program.run(["status", "--run", "parts", "--output", "json"] + scene.connection)
        #expect(whole.output.contains("\"state\": \"finished\""), "\(whole.output)\(whole.errors)")
    }
}
