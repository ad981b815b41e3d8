import Kafka
import Lifecycle
import TestSupport
import Testing

/// What ends a run early, or lets it wait, on real brokers.
@Suite("guards of a run", ScratchKafka.requirement, .timeLimit(.minutes(5)))
struct GuardTests {
    private struct Place {
        let stage: Stage
        let topic: String

        var flags: [String] {
            ["drain"] + stage.flags(topic) + ["--runs-topic", "\(topic).runs", "--yes"]
        }

        func drain(_ more: [String], exit: Int32 = 0) async throws -> JSON {
            try await Program.json(flags + more, exit: exit)
        }
    }

    /// Every fifth letter is of a schema that nobody knows.
    private func place(_ label: String, _ count: Int = 40) async throws -> Place {
        let stage = try await Stage.shared(.apacheKafka)
        let topic = try await stage.topic(label)
        let letters = (0..<count).map { number in
            Letters.record(
                Letters.framed(number % 5 == 4 ? 999_999 : stage.points, Letters.points(number)),
                headers: Letters.headers(offset: number, code: "internal"))
        }
        try await stage.publish(letters, to: topic)
        try await stage.createCompanions(of: topic)
        return Place(stage: stage, topic: topic)
    }

    @Test("--max-parked stops before one record too many is parked; the next run goes on there")
    func maxParked() async throws {
        let place = try await place("max-parked")
        let first = try await place.drain(["--rate", "max", "--max-parked", "3"], exit: 7)
        #expect(first["parked"].int == 3 && first["redriven"].int == 16, "\(first)")
        #expect(first["remaining"].int == 21 && first["error"].string?.contains("--max-parked") == true)
        let rest = try await place.drain(["--rate", "max"], exit: 3)
        #expect(rest["parked"].int == 5 && rest["redriven"].int == 16)
    }

    @Test("--max-errors stops before one record too many cannot be published; the next run goes on there")
    func maxErrors() async throws {
        let stage = try await Stage.shared(.apacheKafka)
        let topic = try await stage.topic("max-errors")
        // Every tenth letter is larger than the destination takes, and small enough for the parked topic.
        let letters = (0..<60).map { number in
            Letters.record(
                number % 10 == 9
                    ? [UInt8](repeating: 7, count: 60_000) : Letters.framed(stage.points, Letters.points(number)),
                headers: Letters.headers(offset: number, code: "internal"))
        }
        try await ScratchKafka.shared().createTopic(
            named: "\(topic).replay", partitions: 1, settings: ["max.message.bytes": "20000"])
        try await stage.publish(letters, to: topic)
        try await stage.createCompanions(of: topic)
        let flags = ["drain"] + stage.flags(topic, decodes: false) + ["--runs-topic", "\(topic).runs", "--yes"]
        let first = try await Program.json(flags + ["--rate", "max", "--max-errors", "2"], exit: 7)
        let (redriven, parked) = (first["redriven"].int ?? 0, first["parked"].int ?? 0)
        #expect(parked == 2 && redriven <= 27, "\(first)")
        #expect(first["error"].string?.contains("--max-errors") == true)
        #expect(first["remaining"].int == 60 - redriven - parked)
        let rest = try await Program.json(flags + ["--rate", "max", "--max-errors", "100"], exit: 3)
        #expect(
            rest["redriven"].int == 54 - redriven && rest["parked"].int == 4 && rest["remaining"].int == 0, "\(rest)")
        let list = try await Program.json(
            [
                "list", "-b", stage.brokers, "--topic", "\(topic).replay", "--no-decode", "--progress-topic",
                "\(topic).progress", "--replay-topic", "\(topic).none",
            ])
        #expect(list["selected"].int == 54)
    }

    @Test("--run-time ends in time, what is in hand is committed, and the exit status is 7")
    func runTime() async throws {
        let place = try await place("run-time", 200)
        let first = try await place.drain(["--rate", "10", "--run-time", "12s"], exit: 7)
        let done = try #require(first["selected"].int)
        #expect(done > 0 && done < 200 && first["remaining"].int == 200 - done, "\(first)")
        #expect(first["seconds"].int ?? 99 <= 13)
        let rest = try await place.drain(["--rate", "max", "--run-time", "1h"], exit: 3)
        #expect(rest["selected"].int == 200 - done)
    }

    @Test("--max-lag waits with no transaction open until the consumers have caught up")
    func maxLag() async throws {
        let place = try await place("max-lag", 300)
        let (stage, replay, group) = (place.stage, "\(place.topic).replay", "slow.\(place.topic)")
        let drain = try ChildProcess(
            [try ProcessRunner.builtBinary(Program.name)] + place.flags
                + ["--rate", "60", "--max-lag", "\(replay):\(group)=50", "--output", "json"], environment: Program.clean
        )
        let waits = await eventually(deadline: 60) { drain.errors.contains("waiting for the destination's consumers") }
        try #require(waits, "\(drain.errors)")
        let target = TopicPartition(topic: replay, partition: 0)
        // It stands still, and nothing is held open: the stable end is the end.
        let ends = try await BlockingExecutor(name: "ends").run {
            let stable = try KafkaConsumer(stage.kafka, group: nil, isolation: .readCommitted)
            let all = try KafkaConsumer(stage.kafka, group: nil, isolation: .readUncommitted)
            defer {
                stable.close(timeout: .seconds(5))
                all.close(timeout: .seconds(5))
            }
            var ends: [Int64] = []
            var stillness = Stillness<[Int64]>(for: 1)
            let isStill = try eventuallyBlocking(deadline: 60) {
                ends = [
                    try stable.stableBounds(of: target, timeout: .seconds(30)).lastStableOffset,
                    try all.watermarks(of: target, timeout: .seconds(30)).highWatermark,
                ]
                return stillness.holds(ends)
            }
            #expect(isStill)
            return ends
        }
        #expect(ends[0] == ends[1] && ends[1] > 50 && ends[1] < 300)
        // The consumers catch up for good.
        try await BlockingExecutor(name: "commit").run {
            let member = try KafkaConsumer(stage.kafka, group: group, isolation: .readCommitted)
            defer { member.close(timeout: .seconds(5)) }
            try member.commit([PartitionOffset(target, offset: 1_000_000)], timeout: .seconds(30))
        }
        let result = try await drain.wait(deadline: 60)
        #expect(result.exitCode == 3, "\(result.errors)")
        let document = try JSON(result.output)
        #expect(document["redriven"].int == 240 && document["remaining"].int == 0)
    }

    @Test("a wait for consumers ends with exit status 7")
    func lagWait() async throws {
        let place = try await place("lag-wait", 200)
        let drain = try await place.drain(
            ["--rate", "100", "--max-lag", "\(place.topic).replay:nobody=20", "--lag-wait", "2s"], exit: 7)
        #expect(drain["error"].string?.contains("--lag-wait") == true && drain["remaining"].int ?? 0 > 0, "\(drain)")
        let nowhere = try await place.drain(["--max-lag", "\(place.topic).none:nobody=20"], exit: 6)
        #expect(nowhere["error"].string?.contains(".none") == true && nowhere["redriven"].int == 0)
    }

    @Test("--ramp stands in for --rate")
    func ramp() async throws {
        let place = try await place("ramp", 60)
        let drain = try await place.drain(["--ramp", "5:1000:4s"], exit: 3)
        #expect(drain["selected"].int == 60)
        let both = try await Program.run(place.flags + ["--ramp", "1:2:3s", "--rate", "5"])
        #expect(both.exitCode == 2 && both.errors.contains("--ramp"))
        for wrong in ["5", "max", "1:2", "0:0:5s", "1:2:0s", "a:b:c"] {
            let result = try await Program.run(place.flags + ["--ramp", wrong])
            #expect(result.exitCode == 2 && result.errors.contains("--ramp"), "\(wrong): \(result.errors)")
        }
    }

    @Test(
        "limits that are none are mistakes",
        arguments: ["x", "topic=5", "topic:group", "topic:group=0", "a b:c=1", ":g=1"])
    func badLag(text: String) async throws {
        let result = try await Program.run(["drain", "-b", "localhost:1", "--no-decode", "--max-lag", text])
        #expect(result.exitCode == 2 && result.errors.contains("--max-lag"), "\(result.errors)")
    }
}
