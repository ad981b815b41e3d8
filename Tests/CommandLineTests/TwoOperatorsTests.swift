import Archive
import Glibc
import Kafka
import Lifecycle
import Redrive
import Runs
import TestSupport
import Testing
import ToolKit

/// Two operators at once: the second is told who the first is, and disturbs nothing that must be alone.
@Suite("two operators at once", ScratchKafka.requirement, .timeLimit(.minutes(5)))
struct TwoOperatorsTests {
    enum Command: String, Sendable {
        case drain, limitedDrain, park, apply, discard
    }

    private struct Place {
        let stage: Stage
        let topic: String
        let directory: ScratchDirectory

        /// The arguments of a command, with a rate so low that it is at work for a while.
        func arguments(_ command: Command, run: String, rate: String) -> [String] {
            let places = [
                "-b", stage.brokers, "--progress-topic", "\(topic).progress", "--runs-topic", "\(topic).runs", "--yes",
                "--run", run, "--rate", rate,
            ]
            let source = ["--topic", topic, "--no-decode"]
            let destinations = ["--replay-topic", "\(topic).replay", "--parked-topic", "\(topic).parked"]
            return switch command {
            case .drain: ["drain"] + source + destinations + places
            case .limitedDrain: ["drain", "--limit", "100"] + source + destinations + places
            case .park:
                ["park", "--reason", "later", "--parked-topic", "\(topic).parked"] + source + places
            case .apply: ["apply", directory.file("plan.jsonl")] + places
            case .discard:
                ["discard", "--reason", "copies", "--archive", directory.file("\(run).avro")] + source + places
            }
        }
    }

    private func place(_ label: String) async throws -> Place {
        let stage = try await Stage.shared(.apacheKafka)
        let topic = try await stage.topic(label)
        let letters = (0..<600).map { number in
            Letters.record(
                Letters.framed(stage.points, Letters.points(number)),
                headers: Letters.headers(offset: number, code: "internal"))
        }
        try await stage.publish(letters, to: topic)
        try await stage.createCompanions(of: topic)
        let place = Place(stage: stage, topic: topic, directory: try ScratchDirectory())
        _ = try await Program.json(
            ["plan", "-o", place.directory.file("plan.jsonl")] + stage.flags(topic, decodes: false))
        return place
    }

    /// Starts the first one and waits until it has dealt with records.
    private func first(_ command: Command, _ place: Place) async throws -> ChildProcess {
        let first = try ChildProcess(
            [try ProcessRunner.builtBinary(Program.name)]
                + place.arguments(command, run: "the-first", rate: "5") + ["--output", "json"],
            environment: Program.clean)
        let isAtWork = await eventually(deadline: 60) {
            let history = try? await Program.json([
                "history", "-b", place.stage.brokers, "--runs-topic", "\(place.topic).runs",
            ])
            return history?["runs"][0]["state"].string == "running"
                && history?["runs"][0]["copies"][0]["tally"]["selected"].int ?? 0 > 0 || !first.isRunning
        }
        try #require(isAtWork && first.isRunning, "\(first.errors)\(first.output)")
        return first
    }

    /// Ends the first one and says how many records it has dealt with.
    private func end(_ first: ChildProcess) async throws -> Int {
        first.signal(SIGTERM)
        let result = try await first.wait(deadline: 60)
        #expect(result.exitCode == 143, "\(result.errors)\(result.output)")
        return try JSON(result.output)["selected"].int ?? 0
    }

    @Test(
        "who needs to be alone, or comes while the first does, is refused and told who that is",
        arguments: [
            (.drain, .apply), (.drain, .discard), (.park, .limitedDrain), (.discard, .drain), (.apply, .park),
            (.apply, .apply), (.discard, .discard),
        ] as [(Command, Command)])
    func refused(one: Command, other: Command) async throws {
        let place = try await place("two-\(one)-\(other)")
        let first = try await first(one, place)
        let second = try await Program.json(
            place.arguments(other, run: "the-second", rate: "max"), exit: 6)
        let error = try #require(second["error"].string)
        for part in ["the-first", RunName.who(), "needs to be the only member"] {
            #expect(error.contains(part), "\(error)")
        }
        #expect(second["selected"].int == 0)
        #expect(try await end(first) > 0)
    }

    @Test(
        "who may share the work is told with whom, and nothing is done twice",
        arguments: [(.drain, .drain), (.park, .drain)] as [(Command, Command)])
    func shared(one: Command, other: Command) async throws {
        let place = try await place("share-\(one)-\(other)")
        let first = try await first(one, place)
        let second = try await Program.run(
            place.arguments(other, run: "the-second", rate: "max") + ["--run-time", "10s", "--output", "json"])
        #expect([0, 7].contains(second.exitCode), "\(second.errors)")
        #expect(second.errors.contains("the-first") && second.errors.contains(RunName.who()), "\(second.errors)")
        let done = try await end(first) + (JSON(second.output)["selected"].int ?? 0)
        let left = try await Program.json(["list"] + place.stage.flags(place.topic, decodes: false))
        #expect(done + (left["remaining"].int ?? 0) == 600)
    }

    @Test("a plan changes nothing: it waits for nobody, and says who is at work", arguments: [[], ["--limit", "5"]])
    func plan(flags: [String]) async throws {
        let place = try await place("two-plan")
        let first = try await first(.discard, place)
        let plan = try await Program.run(
            ["plan", "-o", place.directory.file("other.jsonl")]
                + place.stage.flags(place.topic, decodes: false) + flags)
        #expect(plan.exitCode == 0, "\(plan.errors)")
        #expect(plan.errors.contains("at work already: reprocess-dlq at"), "\(plan.errors)")
        #expect(try await end(first) > 0)
    }

    @Test("a second restore of the same archive is refused while the first one is at work")
    func restore() async throws {
        let place = try await place("two-restore")
        let archive = place.directory.file("gone.avro")
        _ = try await Program.json(place.arguments(.discard, run: "gone", rate: "max"))
        let dry = ["restore", archive, "-b", place.stage.brokers, "--progress-topic", "\(place.topic).progress"]
        _ = try await Program.json(dry + ["--dry-run"])
        // The first one, at a moment that a real one leaves within milliseconds.
        let id = try #require(try ArchiveReader(path: archive).metadata["gamification.archive.id"])
        let group = "gamification.restore.\(String(decoding: id, as: UTF8.self))"
        let (stage, topic) = (place.stage, place.topic)
        let member = Task(executorPreference: BlockingExecutor(name: "first")) {
            let store = try RunStore(stage.kafka, topic: "\(topic).runs", patience: .seconds(30))
            defer { _ = store.close(timeout: .seconds(5)) }
            let now = TimeSource.milliseconds()
            var record = RunRecord(
                name: "the-first", program: "reprocess-dlq", command: "restore", group: group, definition: [],
                range: [], rate: "max", startedAt: now)
            var copy = RunCopy(id: "1", by: "ann@ops1", startedAt: now)
            // Not silent for as long as this test may take.
            copy.updatedAt = now + 600_000
            record.copies = [copy]
            try store.write(record)
            let member = try KafkaConsumer(stage.kafka, group: group, isolation: .readCommitted)
            defer { member.close(timeout: .seconds(5)) }
            try member.subscribe([topic])
            while !Task.isCancelled {
                for case .assign in try member.pollEvents(timeout: .milliseconds(100)) { try member.unassign() }
            }
        }
        defer { member.cancel() }
        let isMember = await eventually(deadline: 60) {
            let shown = try? await Program.json(
                [
                    "progress", "show", "-b", stage.brokers, "--topic", topic, "--progress-topic",
                    "\(topic).progress", "--group", group,
                ])
            return shown?["members"].array.isEmpty == false
        }
        try #require(isMember)
        let second = try await Program.json(dry + ["--yes", "--runs-topic", "\(topic).runs"], exit: 6)
        let error = try #require(second["error"].string)
        #expect(error.contains("the-first (restore) of ann@ops1") && second["restored"].int == 0, "\(error)")
    }
}
