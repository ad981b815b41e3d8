import Glibc
import Kafka
import KafkaTestSupport
import Lifecycle
import TestSupport
import Testing

@Suite("Guards that keep a drain from doing harm", ScratchKafka.requirement)
struct DrainGuardTests {
    private func letters(_ count: Int, timestamp: Int64? = nil) -> [OutgoingRecord] {
        (0..<count).map { number in
            var letter = Letters.record(
                [UInt8(truncatingIfNeeded: number)], headers: Letters.headers(offset: number, code: "internal"))
            if let timestamp { letter.timestamp = timestamp }
            return letter
        }
    }

    @Test("when most would be parked for one reason nothing is published, unless that is said to be right")
    func massPark() async throws {
        let queue = try await DrainStage("mass")
        try await queue.publish(letters(40) + (0..<110).map { Letters.record([UInt8($0)], headers: []) })
        let refused = try await queue.drain(exit: 6)
        #expect(refused["exit_reason"].string == "refused" && refused["remaining"].int == 150)
        #expect(refused["error"].string?.contains("--allow-mass-park") == true)
        #expect(try await queue.read(queue.destination).isEmpty)
        #expect(try await queue.read(queue.parked).isEmpty)
        let allowed = try await queue.drain(["--allow-mass-park"], exit: 3)
        #expect(allowed["parked"].int == 110 && allowed["redriven"].int == 40)
        #expect(try await queue.read(queue.parked).count == 110)
    }

    @Test("records ten days old are not published to a topic that keeps seven, unless with the present time")
    func tooOld() async throws {
        let old = (Int64(time(nil)) - 10 * 86_400) * 1_000
        let queue = try await DrainStage("old", destination: ["retention.ms": "604800000"])
        try await queue.publish(letters(3, timestamp: old))
        for options in [[], ["--dry-run"]] {
            let refused = try await queue.drain(options, exit: 6)
            #expect(refused["error"].string?.contains("retention.ms=604800000") == true)
            #expect(refused["error"].string?.contains(queue.destination) == true)
        }
        let list = try await Program.json(["list"] + queue.stage.flags(queue.topic, decodes: false))
        #expect(list["plan"]["refused"].keys.count == 1)
        #expect(try await queue.read(queue.destination).isEmpty)
        #expect(try await queue.drain(["--timestamp", "now"])["redriven"].int == 3)
        #expect(try await queue.read(queue.destination).allSatisfy { $0.timestamp > old + 9 * 86_400_000 })
    }

    @Test("a destination that overwrites timestamps, or keeps only the last record of a key, is refused")
    func wrongSettings() async throws {
        for (setting, value) in [("message.timestamp.type", "LogAppendTime"), ("cleanup.policy", "compact")] {
            let queue = try await DrainStage("wrong", destination: [setting: value])
            try await queue.publish(letters(1))
            let refused = try await queue.drain(exit: 6)
            #expect(refused["error"].string?.contains("\(setting)=\(value)") == true, "\(refused)")
            #expect(try await queue.read(queue.destination).isEmpty)
        }
    }

    @Test("a dead-letter topic that is compacted is drained, with a warning; one without records is done at once")
    func source() async throws {
        let compacted = try await DrainStage("compacted", source: ["cleanup.policy": "compact"])
        try await compacted.publish(letters(2))
        let result = try await Program.run(compacted.call)
        #expect(result.exitCode == 0 && result.errors.contains("is compacted"), "\(result.errors)")
        let empty = try await DrainStage("empty")
        let nothing = try await Program.run(empty.call)
        #expect(nothing.exitCode == 0 && nothing.errors.contains("nothing is left to do"), "\(nothing.errors)")
    }

    @Test("a group that cannot be joined is told at once, and nothing is published", .timeLimit(.minutes(3)))
    func unjoinable() async throws {
        let queue = try await DrainStage("unjoinable")
        try await queue.publish(letters(1))
        let short = try await queue.drain(["-X", "session.timeout.ms=1"], exit: 2)
        #expect(short["error"].string?.contains("session.timeout.ms") == true, "\(short)")
        // Somebody else's member, which divides partitions in another way.
        let group = "gamification.drain.\(queue.topic)"
        let stranger = try ChildProcess([
            "kcat", "-b", queue.stage.brokers, "-X", "partition.assignment.strategy=cooperative-sticky", "-X",
            "enable.auto.commit=false", "-G", group, queue.topic,
        ])
        let kafka = queue.stage.kafka
        let isMember = try await BlockingExecutor(name: "group").run {
            let admin = try KafkaAdmin(kafka)
            defer { admin.close(timeout: .seconds(5)) }
            return eventuallyBlocking(deadline: 60) {
                (try? admin.describeGroup(group, timeout: .seconds(30)))?.members.isEmpty == false
            }
        }
        try #require(isMember, "\(stranger.errors)")
        let refused = try await queue.drain(exit: 6)
        #expect(refused["error"].string?.contains("stop the other members of group \(group)") == true, "\(refused)")
        #expect(try await queue.read(queue.destination).isEmpty)
        stranger.signal(SIGTERM)
        _ = try await stranger.wait()
        #expect(try await queue.drain()["redriven"].int == 1)
    }

    @Test("topics that do not exist are named, and not made")
    func missing() async throws {
        let queue = try await DrainStage("missing")
        try await queue.publish(letters(1))
        for flag in ["--topic", "--to", "--parked-topic"] {
            var call = queue.call
            if let place = call.firstIndex(of: flag) { call.removeSubrange(place...(place + 1)) }
            let refused = try await Program.json(call + [flag, "\(queue.topic).mistyped"], exit: 6)
            #expect(refused["error"].string?.contains("\(queue.topic).mistyped does not exist") == true)
        }
        let names = try await Program.run(["__complete", "topics", "-b", queue.stage.brokers])
        #expect(names.output.contains("\(queue.topic)\n") && !names.output.contains("mistyped"))
    }
}

@Suite("The mock cluster, which keeps nothing of transactions", .timeLimit(.minutes(3)))
struct MockGuardTests {
    @Test("--delivery at-least-once drains it: what is selected, later the rest, and then nothing is left")
    func atLeastOnce() async throws {
        let stage = try await Stage.shared(.mockServices)
        let topic = try await stage.topic("mock-drain")
        let merchants = [Letters.merchant, "another"]
        try await stage.publish(
            (0..<100).map { number in
                let more = [("gamification.merchant.id", Array(merchants[number % 2].utf8))]
                let headers = Letters.headers(offset: number, code: "internal", more: more)
                return Letters.record([UInt8(number)], headers: number < 98 ? headers : [])
            }, to: topic)
        let call =
            ["drain", "--yes", "--rate", "max", "--delivery", "at-least-once"] + stage.flags(topic, decodes: false)
        let first = try await Program.json(call + ["--merchant", Letters.merchant])
        #expect(first["redriven"].int == 49 && first["remaining"].int == 51, "\(first)")
        let second = try await Program.json(call, exit: 3)
        #expect(second["redriven"].int == 49 && second["parked"].int == 2 && second["remaining"].int == 0, "\(second)")
        let third = try await Program.json(call)
        #expect(third["selected"].int == 0 && third["remaining"].int == 0, "\(third)")
        let kafka = stage.kafka
        let values = try await BlockingExecutor(name: "read").run {
            try readAll(kafka, "\(topic).replay").compactMap { $0.value?.first }
        }
        #expect(values.sorted() == Array(0..<98))
    }

    @Test("brokers without transactions are refused, and nothing is published")
    func noTransactions() async throws {
        let stage = try await Stage.shared(.mockServices)
        let topic = try await stage.topic("mock")
        try await stage.publish([Letters.record([1], headers: [])], to: topic)
        let refused = try await Program.json(["drain", "--yes"] + stage.flags(topic, decodes: false), exit: 6)
        #expect(refused["error"].string?.contains("no transactions; nothing was published") == true)
        #expect(refused["error"].string?.contains("--delivery at-least-once") == true)
    }
}
