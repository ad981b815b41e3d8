import Kafka
import Lifecycle
import TestSupport
import Testing

/// `progress show|reset|export|import` on real brokers.
@Suite("progress commands", ScratchKafka.requirement, .timeLimit(.minutes(5)))
struct ProgressCommandTests {
    private struct Place {
        let stage: Stage
        let topic: String
        var group: String { "gamification.drain.\(topic)" }
        var flags: [String] { ["-b", stage.brokers, "--topic", topic, "--progress-topic", "\(topic).progress"] }
        var changing: [String] { flags + ["--runs-topic", "\(topic).runs"] }

        func drain(_ more: [String] = [], exit: Int32 = 0) async throws -> JSON {
            try await Program.json(["drain"] + stage.flags(topic) + ["--rate", "max", "--yes"] + more, exit: exit)
        }
    }

    /// Thirty letters, every third of them of another reason than the others.
    private func place(_ label: String) async throws -> Place {
        let stage = try await Stage.shared(.apacheKafka)
        let topic = try await stage.topic(label)
        let letters = (0..<30).map { number in
            Letters.record(
                Letters.framed(stage.points, Letters.points(number)),
                headers: Letters.headers(offset: number, code: number % 3 == 0 ? "internal" : "badge.unknown"))
        }
        try await stage.publish(letters, to: topic)
        try await stage.createCompanions(of: topic)
        return Place(stage: stage, topic: topic)
    }

    @Test("show tells what is done above the committed offset, and joins no group")
    func show() async throws {
        let place = try await place("progress-show")
        let before = try await Program.json(["progress", "show"] + place.flags)
        #expect(before["partitions"][0]["remaining"].int == 30)
        #expect(before["group_state"].string == "Dead")
        _ = try await place.drain(["--error-code", "internal"])
        let after = try await Program.json(["progress", "show"] + place.flags)
        let partition = after["partitions"][0]
        #expect(partition["committed"].int == 1 && partition["remaining"].int == 20)
        #expect(partition["done_above"].int == 9 && partition["range_count"].int == 9)
        #expect(partition["ranges"][0][0].int == 3 && partition["ranges"][0][1].int == 4)
        let text = try await Program.run(["progress", "show"] + place.flags)
        #expect(text.exitCode == 0 && text.output.contains("3 6 9 12 and 5 more"), "\(text.output)")
    }

    @Test("reset makes everything undone, and the next drain publishes it again")
    func reset() async throws {
        let place = try await place("progress-reset")
        _ = try await place.drain(["--error-code", "internal"])
        let asked = try await Program.run(["progress", "reset"] + place.changing)
        #expect(asked.exitCode == 6 && asked.errors.contains("--yes"), "\(asked.errors)")
        let unnamed = try await Program.run(["progress", "reset"] + place.changing + ["--yes"])
        #expect(unnamed.exitCode == 2 && unnamed.errors.contains("--group"), "\(unnamed.errors)")
        let dry = try await Program.json(["progress", "reset"] + place.changing + ["--dry-run"])
        #expect(dry["done"].bool == false && dry["partitions"][0]["remaining"].int == 20)
        let reset = try await Program.json(
            ["progress", "reset"] + place.changing + ["--yes", "--group", place.group])
        #expect(reset["done"].bool == true && reset["changes"][0]["committed_before"].int == 1)
        let show = try await Program.json(["progress", "show"] + place.flags)
        #expect(show["partitions"][0]["remaining"].int == 30 && show["partitions"][0]["range_count"].int == 0)
        let drain = try await place.drain()
        #expect(drain["redriven"].int == 30)
    }

    @Test("reset mends progress that cannot be followed")
    func resetDamaged() async throws {
        let place = try await place("progress-mend")
        _ = try await place.drain(["--error-code", "internal"])
        let (stage, topic, group) = (place.stage, place.topic, place.group)
        let keys = ["\(group)/\(topic)/0", "\(group)/\(topic)/0/0"]
        try await stage.publish(
            keys.map { OutgoingRecord(partition: 0, key: Array($0.utf8), value: [9, 9, 9]) }, to: "\(topic).progress")
        let refused = try await place.drain(exit: 6)
        #expect(refused["error"].string?.contains("progress reset --topic \(topic)") == true)
        let shown = try await Program.json(["progress", "show"] + place.flags, exit: 6)
        #expect(shown["partitions"][0]["error"].string?.contains("cannot be trusted") == true)
        _ = try await Program.json(["progress", "reset"] + place.changing + ["--yes", "--group", group])
        #expect(try await place.drain()["redriven"].int == 30)
    }

    @Test("an offset that another program has set is shown, and reset forgets it")
    func foreignOffset() async throws {
        let place = try await place("progress-foreign")
        let (stage, topic, group) = (place.stage, place.topic, place.group)
        try await BlockingExecutor(name: "commit").run {
            let member = try KafkaConsumer(stage.kafka, group: group, isolation: .readCommitted)
            defer { member.close(timeout: .seconds(5)) }
            try member.commit(
                [PartitionOffset(TopicPartition(topic: topic, partition: 0), offset: 2)], timeout: .seconds(30))
        }
        let shown = try await Program.json(["progress", "show"] + place.flags, exit: 6)
        #expect(shown["partitions"][0]["committed"].int == 2)
        #expect(shown["partitions"][0]["error"].string?.contains("another program has set") == true)
        _ = try await Program.json(["progress", "reset"] + place.changing + ["--yes", "--group", group])
        #expect(try await place.drain()["redriven"].int == 30)
    }

    @Test("reset of a group with a living member is refused, and says who that is")
    func livingMember() async throws {
        let place = try await place("progress-living")
        let drain = try ChildProcess(
            [try ProcessRunner.builtBinary(Program.name), "drain"] + place.stage.flags(place.topic)
                + [
                    "--runs-topic", "\(place.topic).runs", "--run", "the-first", "--rate", "1", "--follow", "--yes",
                ], environment: Program.clean)
        let hasJoined = await eventually(deadline: 60) {
            let show = try? await Program.json(["progress", "show"] + place.flags)
            return show?["members"].array.isEmpty == false
        }
        try #require(hasJoined)
        let refused = try await Program.json(
            ["progress", "reset"] + place.changing + ["--yes", "--group", place.group], exit: 6)
        let error = try #require(refused["error"].string)
        #expect(error.contains("the-first") && error.contains("reprocess-dlq at"), "\(error)")
        drain.signal(15)
        _ = try await drain.wait(deadline: 60)
    }

    @Test("what was exported is the same after reset and import")
    func exportAndImport() async throws {
        let place = try await place("progress-file")
        let directory = try ScratchDirectory()
        let file = directory.path + "/progress.jsonl"
        _ = try await place.drain(["--error-code", "internal"])
        _ = try await Program.json(["progress", "export", file] + place.flags)
        let yes = ["--yes", "--group", place.group]
        _ = try await Program.json(["progress", "reset"] + place.changing + yes)
        let imported = try await Program.json(["progress", "import", file] + place.changing + yes)
        #expect(imported["changes"][0]["made_done"].int == 10)
        let show = try await Program.json(["progress", "show"] + place.flags)
        #expect(show["partitions"][0]["committed"].int == 1 && show["partitions"][0]["range_count"].int == 9)
        let again = try await Program.json(["progress", "import", file] + place.changing + yes)
        #expect(again["changes"][0]["made_done"].int == 0)
        #expect(try await place.drain()["redriven"].int == 20)
    }

    enum Spoiling: String, CaseIterable, Sendable {
        case edited, truncated, cutInALine, otherTopic, empty
    }

    @Test("a file that was edited, cut off or is of another topic is refused", arguments: Spoiling.allCases)
    func spoiltFile(spoiling: Spoiling) async throws {
        let place = try await place("progress-spoilt")
        let directory = try ScratchDirectory()
        let file = directory.path + "/progress.jsonl"
        _ = try await place.drain(["--error-code", "internal"])
        _ = try await Program.json(["progress", "export", file] + place.flags)
        var text = try readText(file)
        var flags = place.changing
        switch spoiling {
        case .edited: text = String(text.map { $0 == "9" ? "8" : $0 })
        case .truncated: text = text.split(separator: "\n").dropLast().map { "\($0)\n" }.joined()
        case .cutInALine: text = String(text.dropLast(text.count / 2))
        case .empty: text = ""
        case .otherTopic:
            let other = try await self.place("progress-other")
            flags = other.changing
        }
        try writeText(text, to: file)
        let refused = try await Program.json(["progress", "import", file] + flags + ["--yes"], exit: 6)
        #expect(refused["done"].bool == false && refused["error"].string?.isEmpty == false)
    }

    @Test("a file whose seal fits, and that names more offsets than there can be, is refused at once")
    func boundless() async throws {
        let place = try await place("progress-boundless")
        let directory = try ScratchDirectory()
        let file = directory.path + "/progress.jsonl"
        _ = try await place.drain(["--error-code", "internal"])
        _ = try await Program.json(["progress", "export", file] + place.flags)
        let lines = try readText(file).split(separator: "\n").dropLast()
            .map { String($0).replacing("[27,28]", with: "[27,4000000000000000000]") }
        try writeText(lines.map { "\($0)\n" }.joined(), to: file)
        let digest = try await ProcessRunner.run(["sha256sum", file]).output.prefix(64)
        try writeText(readText(file) + "{\"lines\":\(lines.count),\"sha256\":\"\(digest)\"}\n", to: file)
        let refused = try await Program.json(["progress", "import", file] + place.changing + ["--yes"], exit: 6)
        #expect(refused["error"].string?.contains("made anew") == true, "\(refused)")
    }

    @Test("a file of a topic that was made anew is refused")
    func recreated() async throws {
        let place = try await place("progress-anew")
        let directory = try ScratchDirectory()
        let file = directory.path + "/progress.jsonl"
        _ = try await place.drain(["--error-code", "internal"])
        _ = try await Program.json(["progress", "export", file] + place.flags)
        let (stage, topic) = (place.stage, place.topic)
        try await BlockingExecutor(name: "delete").run {
            let admin = try KafkaAdmin(stage.kafka)
            defer { admin.close(timeout: .seconds(5)) }
            _ = try admin.deleteTopics([topic], timeout: .seconds(30))
        }
        let isMade = await eventually(deadline: 60) {
            (try? await ScratchKafka.shared().createTopic(named: topic, partitions: 1)) != nil
        }
        try #require(isMade)
        let others = (100..<140).map { number in
            Letters.record(
                Letters.framed(stage.points, Letters.points(number)),
                headers: Letters.headers(offset: number, code: "internal"))
        }
        try await stage.publish(others, to: topic)
        _ = try await Program.json(["progress", "reset"] + place.changing + ["--yes", "--group", place.group])
        let refused = try await Program.json(["progress", "import", file] + place.changing + ["--yes"], exit: 6)
        #expect(refused["error"].string?.contains("made anew") == true)
    }
}
