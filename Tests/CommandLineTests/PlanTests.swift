import Glibc
import Kafka
import Lifecycle
import TestSupport
import Testing

/// `plan` and `apply` on real brokers.
@Suite("plan and apply", ScratchKafka.requirement, .timeLimit(.minutes(5)))
struct PlanTests {
    struct Place {
        let stage: Stage
        let topic: String
        let directory: ScratchDirectory
        var plan: String { directory.file("plan.jsonl") }
        var source: [String] { stage.flags(topic) }
        var applying: [String] {
            [
                "-b", stage.brokers, "--progress-topic", "\(topic).progress", "--runs-topic", "\(topic).runs", "--rate",
                "max", "--yes",
            ]
        }

        func write(_ more: [String] = [], exit: Int32 = 0) async throws -> JSON {
            try await Program.json(["plan", "-o", plan] + source + more, exit: exit)
        }

        func apply(_ more: [String] = [], exit: Int32 = 0) async throws -> JSON {
            try await Program.json(["apply", plan] + applying + more, exit: exit)
        }

        func list() async throws -> JSON { try await Program.json(["list"] + source) }
    }

    private func letters(_ stage: Stage, _ numbers: Range<Int>) -> [OutgoingRecord] {
        numbers.map { number in
            Letters.record(
                Letters.framed(number % 10 == 9 ? 999_999 : stage.points, Letters.points(number)),
                headers: Letters.headers(offset: number, code: number % 3 == 0 ? "internal" : "badge.unknown"))
        }
    }

    /// Thirty letters, three of them of a schema that nobody knows.
    private func place(_ label: String) async throws -> Place {
        let stage = try await Stage.shared(.apacheKafka)
        let topic = try await stage.topic(label)
        try await stage.publish(letters(stage, 0..<30), to: topic)
        try await stage.createCompanions(of: topic)
        return Place(stage: stage, topic: topic, directory: try ScratchDirectory())
    }

    @Test("a plan says of each record what becomes of it, and apply does just that")
    func planAndApply() async throws {
        let place = try await place("plan")
        let written = try await place.write(["--error-code", "internal"])
        #expect(written["entries"].int == 10 && written["skipped"].int == 20)
        #expect(written["redrive_to"]["\(place.topic).replay"].int == 9)
        #expect(written["park"]["schema.unknown"].int == 1)
        let lines = try readText(place.plan).split(separator: "\n").map { try JSON(String($0)) }
        #expect(lines.count == 12)
        #expect(lines[0]["format"].string == "gamification.plan/1" && lines[0]["topic"].string == place.topic)
        #expect(lines[0]["command"].string?.hasPrefix("reprocess-dlq plan") == true)
        #expect(lines[1]["offset"].int == 0 && lines[1]["decision"].string == "redrive")
        #expect(lines[1]["sha256"].string?.count == 64 && lines[1]["timestamp"].string == "2026-09-21T14:13:20.000Z")
        #expect(lines[11]["lines"].int == 11)

        let quiet = try await Program.run(["apply", place.plan, "--dry-run"] + place.applying)
        #expect(quiet.exitCode == 0 && quiet.errors.isEmpty, "\(quiet.errors)")
        let dry = try await place.apply(["--dry-run"])
        #expect(dry["redriven"].int == 9 && dry["dry_run"].bool == true)
        // What arrives after the plan is none of its business.
        try await place.stage.publish(letters(place.stage, 30..<40), to: place.topic)
        let applied = try await place.apply()
        #expect(applied["command"].string == "apply" && applied["exit_reason"].string == "done")
        #expect(applied["redriven"].int == 9 && applied["parked"].int == 1)
        #expect(applied["plan"]["entries"].int == 10 && applied["plan"]["already_done"].int == 0)
        #expect(try await place.list()["remaining"].int == 30)

        let again = try await place.apply()
        #expect(again["redriven"].int == 0 && again["plan"]["already_done"].int == 10)
        let replay = try await Program.json(
            ["list", "-b", place.stage.brokers, "--topic", "\(place.topic).replay"] + [
                "--no-decode", "--progress-topic", "\(place.topic).progress", "--replay-topic", "\(place.topic).none",
            ])
        #expect(replay["selected"].int == 9)
    }

    @Test("what a drain did in between is not sent again, the rest is")
    func partlyDone() async throws {
        let place = try await place("plan-partly")
        _ = try await place.write(["--no-decode"])
        let drain = try await Program.run(
            ["drain"] + place.source + ["--error-code", "internal", "--rate", "max", "--yes"])
        #expect(drain.exitCode == 3, "\(drain.errors)")
        let applied = try await place.apply()
        #expect(applied["redriven"].int == 20 && applied["plan"]["already_done"].int == 10)
        #expect(try await place.list()["remaining"].int == 0)
    }

    enum Spoiling: String, CaseIterable, Sendable {
        case edited, reordered, truncated, cutInALine, empty, noPlan, missing, pipe
    }

    @Test("a plan that was edited, cut off, or is none is refused", arguments: Spoiling.allCases)
    func spoilt(spoiling: Spoiling) async throws {
        let place = try await place("plan-spoilt")
        _ = try await place.write()
        let text = try readText(place.plan)
        var lines = text.split(separator: "\n").map(String.init)
        switch spoiling {
        case .edited: lines[3] = lines[3].split(separator: "redrive", maxSplits: 1).joined(separator: "requeue")
        case .reordered: lines.swapAt(2, 3)
        case .truncated: lines.removeLast()
        case .cutInALine, .empty, .noPlan, .missing, .pipe: break
        }
        switch spoiling {
        case .cutInALine: try writeText(String(text.dropLast(40)), to: place.plan)
        case .empty: try writeText("", to: place.plan)
        case .noPlan: try writeText("this is\nno plan\n", to: place.plan)
        default: try writeText(lines.map { "\($0)\n" }.joined(), to: place.plan)
        }
        if spoiling == .missing {
            let nowhere = try await Program.json(["apply", place.plan + ".none"] + place.applying, exit: 1)
            #expect(nowhere["error"].string?.contains("cannot read") == true)
            return
        }
        if spoiling == .pipe {
            // Nobody writes into it: waiting for that would last for ever.
            let pipe = place.directory.file("pipe")
            try #require(mkfifo(pipe, 0o600) == 0)
            let unread = try await Program.json(["apply", pipe] + place.applying, exit: 1)
            #expect(unread["error"].string?.contains("cannot read \(pipe)") == true, "\(unread)")
            return
        }
        let refused = try await place.apply(exit: 6)
        #expect(refused["error"].string?.contains("plan.jsonl") == true, "\(refused)")
        #expect(try await place.list()["remaining"].int == 30)
    }

    @Test("a plan of another cluster is refused")
    func otherCluster() async throws {
        let place = try await place("plan-cluster")
        _ = try await place.write()
        let other = try await Stage.shared(.mockServices)
        let refused = try await Program.json(
            ["apply", place.plan, "-b", other.brokers, "--rate", "max", "--yes", "--delivery", "at-least-once"], exit: 6
        )
        #expect(refused["error"].string?.contains("the plan is of cluster") == true, "\(refused)")
    }

    @Test("of a topic that was made anew nothing is sent, and every entry reported")
    func recreated() async throws {
        let place = try await place("plan-anew")
        let (stage, topic) = (place.stage, place.topic)
        _ = try await place.write()
        try await BlockingExecutor(name: "delete").run {
            let admin = try KafkaAdmin(stage.kafka)
            defer { admin.close(timeout: .seconds(5)) }
            _ = try admin.deleteTopics([topic], timeout: .seconds(30))
        }
        let isMade = await eventually(deadline: 60) {
            (try? await ScratchKafka.shared().createTopic(named: topic, partitions: 1)) != nil
        }
        try #require(isMade)
        try await stage.publish(letters(stage, 100..<120), to: topic)
        let applied = try await place.apply(exit: 3)
        #expect(applied["redriven"].int == 0 && applied["parked"].int == 0)
        #expect(applied["plan"]["changed"].int == 20 && applied["plan"]["absent"].int == 10)
        #expect(applied["plan"]["not_sent"][0]["why"].string == "changed")
        #expect(try await place.list()["remaining"].int == 20)
    }

    @Test("what a killed process of the same id left beside a file is in nobody's way")
    func leftBehind() async throws {
        let place = try await place("plan-left")
        let report = place.directory.file("run.html")
        func run(_ arguments: [String], beside path: String) async throws {
            let command = ([try ProcessRunner.builtBinary(Program.name)] + arguments).map { "'\($0)'" }
                .joined(separator: " ")
            let result = try await ProcessRunner.run(
                ["bash", "-c", "echo half >'\(path)'.$$.part; exec \(command)"], environment: Program.clean,
                deadline: 90)
            #expect(result.exitCode == 0, "\(result.errors)")
        }
        try await run(["plan", "-o", place.plan] + place.source, beside: place.plan)
        try await run(["apply", place.plan] + place.applying + ["--report", report], beside: report)
        #expect(place.directory.names() == ["plan.jsonl", "run.html"])
        #expect(try readText(report).hasSuffix("</html>\n"))
    }

    @Test("plan refuses what a drain would refuse, and writes nothing then")
    func refused() async throws {
        let place = try await place("plan-refused")
        _ = try await Program.json(
            ["plan", "-o", place.plan, "-b", place.stage.brokers, "--topic", "\(place.topic).none", "--no-decode"],
            exit: 6)
        let nowhere = try await Program.json(
            ["plan", "-o", "/nowhere/plan.jsonl"] + place.source, exit: 1)
        #expect(nowhere["error"].string?.contains("/nowhere/plan.jsonl") == true)
        // Renaming a file to a pipe's name, or a device's, would put it there for everybody.
        let pipe = place.directory.file("pipe")
        try #require(mkfifo(pipe, 0o600) == 0)
        for other in [pipe, place.directory.path] {
            let kept = try await Program.json(["plan", "-o", other] + place.source, exit: 1)
            #expect(kept["error"].string?.contains("cannot write \(other)") == true, "\(kept)")
        }
        var state = stat()
        #expect(stat(pipe, &state) == 0 && state.st_mode & S_IFMT == S_IFIFO)
        #expect(place.directory.names() == ["pipe"])
        let unnamed = try await Program.run(["plan"] + place.source)
        #expect(unnamed.exitCode == 2 && unnamed.errors.contains("--out"))
    }
}
