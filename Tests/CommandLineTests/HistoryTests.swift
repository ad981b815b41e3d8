import Glibc
import Kafka
import Runs
import TestSupport
import Testing
import ToolKit

/// `history` on real brokers: who did what, when, and what it came to.
@Suite("history", ScratchKafka.requirement, .timeLimit(.minutes(5)))
struct HistoryTests {
    private struct Place {
        let stage: Stage
        let topic: String
        let directory: ScratchDirectory
        var archive: String { directory.file("gone.avro") }
        var runs: [String] { ["--runs-topic", "\(topic).runs"] }
        /// Of commands that publish nowhere but to the parked topic.
        var places: [String] {
            ["-b", stage.brokers, "--topic", topic, "--progress-topic", "\(topic).progress", "--no-decode"] + runs
        }

        func drain(_ more: [String]) -> [String] {
            ["drain"] + stage.flags(topic, decodes: false) + runs + ["--yes"] + more
        }

        func discard(_ more: [String]) -> [String] {
            ["discard"] + places + ["--reason", "copies of INC-7", "--archive", archive, "--yes"] + more
        }

        func history(_ more: [String] = []) async throws -> JSON {
            try await Program.json(["history", "-b", stage.brokers] + runs + more)
        }

        func text() async throws -> String {
            let result = try await Program.run(["history", "-b", stage.brokers] + runs)
            #expect(result.exitCode == 0, "\(result.errors)")
            return result.output
        }
    }

    /// Sixty letters, twenty of each of three reasons.
    private func place(_ label: String, _ count: Int = 60) async throws -> Place {
        let stage = try await Stage.shared(.apacheKafka)
        let topic = try await stage.topic(label)
        let codes = ["internal", "badge.unknown", "customer.not_found"]
        try await stage.publish(
            (0..<count).map { number in
                Letters.record(
                    Letters.framed(stage.points, Letters.points(number)),
                    headers: Letters.headers(
                        offset: number, code: codes[number % 3],
                        more: [("x-noise", (0..<64).map { _ in UInt8.random(in: 0...255) })]))
            }, to: topic)
        try await stage.createCompanions(of: topic)
        return Place(stage: stage, topic: topic, directory: try ScratchDirectory())
    }

    @Test("every command that changes something stands in it: who, when, which records, how many, what came of it")
    func all() async throws {
        let place = try await place("history")
        let topic = place.topic
        _ = try await Program.json(
            place.drain(["--run", "night", "--error-code", "internal", "--rate", "max", "--limit", "5"]))
        _ = try await Program.json(
            ["park"] + place.places + [
                "--parked-topic", "\(topic).parked", "--reason", "bad deploy", "--error-code", "internal", "--rate",
                "max", "--yes", "--run", "aside",
            ])
        _ = try await Program.json(
            place.discard(["--run", "gone", "--error-code", "badge.unknown", "--rate", "max"]))
        let changing = ["-b", place.stage.brokers, "--progress-topic", "\(topic).progress", "--yes"] + place.runs
        _ = try await Program.json(["restore", place.archive] + changing)
        _ = try await Program.json(
            ["progress", "reset", "--topic", topic, "--group", "gamification.drain.\(topic)"] + changing)

        let runs = try await place.history()["runs"].array
        #expect(
            runs.map { $0["command"].string } == ["progress reset", "restore", "discard", "park", "drain"], "\(runs)")
        for run in runs {
            #expect(run["by"].array.map(\.string) == [RunName.who()])
            #expect(run["copies"].array.count == 1 && run["program"].string == "reprocess-dlq")
            #expect(run["began_at"].string?.contains("T") == true)
            #expect(run["copies"][0]["updated_at"].string ?? "" >= run["began_at"].string ?? "x")
        }
        let (reset, restore, discard, park, drain) = (runs[0], runs[1], runs[2], runs[3], runs[4])
        #expect(drain["state"].string == "stopped" && drain["run"].string == "night")
        #expect(
            drain["tally"]["redriven"].int == 5 && drain["definition"]["selection"][0].string == "--error-code internal"
        )
        #expect(drain["definition"]["destination"][0].string == "\(topic).replay")
        #expect(park["state"].string == "finished" && park["tally"]["parked"]["bad deploy"].int == 15)
        #expect(park["definition"]["reason"][0].string == "bad deploy" && park["tally"]["skipped"].int == 40)
        #expect(discard["state"].string == "finished" && discard["tally"]["parked"]["copies of INC-7"].int == 20)
        #expect(discard["definition"]["destination"][0].string == place.archive)
        #expect(restore["state"].string == "finished" && restore["tally"]["redriven"].int == 20)
        #expect(restore["definition"]["source"][0].string == place.archive)
        #expect(reset["state"].string == "finished" && reset["group"].string == "gamification.drain.\(topic)")

        let text = try await place.text()
        for part in [
            RunName.who(), "because: bad deploy", "because: copies of INC-7", "discarded 20, not selected",
            "restored 20", "parked 15, not selected 40", "night: \(topic) to \(topic).replay", "--error-code internal",
            "group gamification.drain.\(topic)",
        ] {
            #expect(text.contains(part), "\(part) is not in\n\(text)")
        }

        // What is asked for, and no more.
        let named = try await place.history(["--run", "aside"])
        #expect(named["runs"].array.map { $0["run"].string } == ["aside"] && named["more"].int == 0)
        let newest = try await place.history(["--limit", "2"])
        #expect(newest["runs"].array.count == 2 && newest["more"].int == 3)
        #expect(newest["runs"][0]["command"].string == "progress reset")
        let grouped = try await place.history(["--group", "gamification.drain.\(topic)"])
        #expect(grouped["runs"].array.count == 4)
        let since = try #require(restore["began_at"].string)
        #expect(try await place.history(["--since", since])["runs"].array.count == 2)
        #expect(try await place.history(["--since", "2100-01-01T00:00:00Z"])["runs"].array.isEmpty)
    }

    @Test("runs that were interrupted, killed, or failed show it, and why")
    func outcomes() async throws {
        let place = try await place("history-ends", 400)
        func begin(_ name: String) async throws -> ChildProcess {
            let copy = try ChildProcess(
                [try ProcessRunner.builtBinary(Program.name)]
                    + place.drain(["--run", name, "--error-code", "internal", "--rate", "5"]),
                environment: Program.clean)
            let isAtWork = await eventually(deadline: 60) {
                let run = try? await place.history(["--run", name])["runs"][0]
                return run?["tally"]["redriven"].int ?? 0 > 0 || !copy.isRunning
            }
            #expect(isAtWork && copy.isRunning, "\(copy.errors)")
            return copy
        }
        let interrupted = try await begin("interrupted")
        interrupted.signal(SIGINT)
        let ended = try await interrupted.wait(deadline: 60)
        #expect(ended.exitCode == 130, "\(ended.errors)")
        let killed = try await begin("killed")
        #expect(try await place.history(["--run", "killed"])["runs"][0]["state"].string == "running")
        killed.signal(SIGKILL)
        _ = try await killed.wait(deadline: 10)
        // A disk that takes no more, seen as a limit on the size of files.
        let command =
            ([try ProcessRunner.builtBinary(Program.name)]
            + place.discard(["--run", "failed", "--error-code", "badge.unknown", "--rate", "max"]))
            .map { "'\($0)'" }.joined(separator: " ")
        let failed = try await ProcessRunner.run(
            ["bash", "-c", "trap '' XFSZ; ulimit -f 8; exec \(command)"], environment: Program.clean, deadline: 90)
        #expect(failed.exitCode == 1, "\(failed.errors)")

        let runs = try await place.history()["runs"].array
        #expect(runs.map { $0["run"].string } == ["failed", "killed", "interrupted"], "\(runs)")
        #expect(runs[0]["state"].string == "failed" && runs[0]["copies"][0]["reason"].string?.isEmpty == false)
        #expect(runs[0]["tally"]["parked"]["copies of INC-7"].int ?? 0 < 133)
        // After half a minute of silence it is lost; until then nobody can know.
        #expect(["running", "lost"].contains(runs[1]["state"].string))
        #expect(runs[2]["state"].string == "stopped" && runs[2]["tally"]["redriven"].int ?? 0 > 0)
        // Goes on under its name: a second line of the same run.
        _ = try await Program.json(place.drain(["--run", "interrupted", "--error-code", "internal", "--rate", "max"]))
        let again = try await place.history(["--run", "interrupted"])["runs"][0]
        #expect(again["copies"].array.map { $0["state"].string } == ["stopped", "finished"])
        #expect(again["state"].string == "finished")
    }

    @Test("a name that belongs to other work is refused before anything is done")
    func otherWork() async throws {
        let place = try await place("history-name")
        _ = try await Program.json(
            place.drain(["--run", "night", "--error-code", "internal", "--rate", "max", "--limit", "5"]))
        let refused = try await Program.json(
            ["park"] + place.places + [
                "--parked-topic", "\(place.topic).parked", "--reason", "x", "--rate", "max", "--yes", "--run", "night",
            ], exit: 6)
        #expect(refused["error"].string?.contains("run night is a drain") == true, "\(refused)")
        #expect(refused["parked"].int == 0)
        #expect(try await place.history()["runs"].array.count == 1)
    }

    @Test("after more runs than are held at once it still shows the newest")
    func many() async throws {
        let place = try await place("history-many", 1)
        let count = 2 * RunStore.maximumRuns + 500
        let records = try (1...count).map { number in
            let record = RunRecord(
                name: "run-\(number)", program: "reprocess-dlq", command: "drain", group: "g", definition: [],
                range: [],
                rate: "max", startedAt: 1_790_000_000_000 + Int64(number))
            return OutgoingRecord(
                partition: 0, key: Array(record.name.utf8), value: try RunCodec.encode(record))
        }
        try await place.stage.publish(records, to: "\(place.topic).runs")
        let newest = try await place.history(["--limit", "2"])
        #expect(newest["runs"].array.map { $0["run"].string } == ["run-\(count)", "run-\(count - 1)"])
        #expect(newest["more"].int == RunStore.maximumRuns - 2)
    }

    @Test("a record that nobody can read hides no other; a topic that is not there is said to be so")
    func damaged() async throws {
        let place = try await place("history-damage")
        _ = try await Program.json(place.drain(["--run", "night", "--rate", "max"]))
        try await place.stage.publish(
            [
                OutgoingRecord(partition: 0, key: Array("broken".utf8), value: Array("{\"version\":1,".utf8)),
                OutgoingRecord(partition: 0, key: Array("newer".utf8), value: Array("{\"version\":99}".utf8)),
                OutgoingRecord(partition: 0, key: [0x1B, 0x5B, 0x32, 0x4A], value: [0xFF]),
            ], to: "\(place.topic).runs")
        let result = try await Program.run(["history", "-b", place.stage.brokers] + place.runs)
        #expect(result.exitCode == 0 && result.output.contains("night"), "\(result.errors)")
        #expect(
            result.errors.contains("run broken cannot be read") && result.errors.contains("run newer cannot be read"))
        #expect(!result.errors.contains("\u{1B}"))
        let nowhere = try await Program.json(
            ["history", "-b", place.stage.brokers, "--runs-topic", "\(place.topic).none"], exit: 6)
        #expect(nowhere["error"].string?.contains("topics --create") == true && nowhere["runs"].array.isEmpty)
        let empty = try await self.place("history-empty", 1)
        #expect(try await empty.text().trimmingCharacters == "no runs")
    }
}

extension String {
    fileprivate var trimmingCharacters: String { split(whereSeparator: \.isNewline).joined() }
}
