import Kafka
import KafkaTestSupport
import Lifecycle
import TestSupport
import Testing

/// `--canary` on real brokers.
@Suite("a canary before the drain", ScratchKafka.requirement, .timeLimit(.minutes(5)))
struct CanaryTests {
    private struct Place {
        let stage: Stage
        let topic: String
        var group: String { "consumer.\(topic)" }

        func drain(_ more: [String], exit: Int32 = 0) async throws -> JSON {
            try await Program.json(
                ["drain"] + stage.flags(topic) + [
                    "--runs-topic", "\(topic).runs", "--rate", "max", "--yes", "--run", "night", "--canary-group",
                    group,
                ] + more, exit: exit)
        }

        func history() async throws -> [JSON] {
            try await Program.json(["history", "-b", stage.brokers, "--runs-topic", "\(topic).runs"])["runs"].array
        }

        /// A plan of what failed for one reason: thirteen of the forty.
        func plan(_ file: String, _ more: [String] = []) async throws {
            _ = try await Program.json(["plan", "-o", file, "--error-code", "internal"] + stage.flags(topic) + more)
        }

        func apply(_ file: String, _ more: [String], exit: Int32 = 0) async throws -> JSON {
            try await Program.json(
                [
                    "apply", file, "-b", stage.brokers, "--progress-topic", "\(topic).progress", "--runs-topic",
                    "\(topic).runs", "--rate", "max", "--yes", "--canary-group", group,
                ] + more, exit: exit)
        }

        /// A consumer that commits all that is at the destination, again and again, and may dead-letter it again.
        func consume(failing: Bool) -> Task<Void, any Error> {
            let (stage, topic, group) = (stage, topic, group)
            let executor = BlockingExecutor(name: "consume")
            return Task(executorPreference: executor) {
                let target = TopicPartition(topic: "\(topic).replay", partition: 0)
                let reader = try KafkaConsumer(stage.kafka, group: group, isolation: .readCommitted)
                defer { reader.close(timeout: .seconds(5)) }
                let producer = try KafkaProducer(stage.kafka, transactionalID: nil)
                defer { producer.close(timeout: .seconds(5)) }
                _ = try reader.partitionCount(of: target.topic, timeout: .seconds(30))
                try reader.assign([PartitionOffset(target, offset: 0)])
                let batch = RecordBatch(capacity: 100)
                while !Task.isCancelled {
                    try reader.pollRecords(into: batch, timeout: .milliseconds(100))
                    for index in 0..<batch.count where batch.entry(index) == .record {
                        var headers: [(name: HeaderName, value: [UInt8]?)] = []
                        try batch.forEachHeader(index) {
                            headers.append((HeaderName(bytes: Array($0)), $1.map { Array($0) }))
                        }
                        if failing {
                            try producer.topic(topic).send(
                                OutgoingRecord(
                                    partition: 0, key: batch.key(index).map { Array($0) },
                                    value: batch.value(index).map { Array($0) }, headers: headers))
                            try producer.flush(timeout: .seconds(30))
                        }
                        // As consumers do that know nothing of markers.
                        try reader.commit(
                            [PartitionOffset(target, offset: batch.offset(index) + 1)], timeout: .seconds(30))
                    }
                }
            }
        }
    }

    /// Forty letters: of four reasons, one of them rare, and of two merchants.
    private func place(_ label: String) async throws -> Place {
        let stage = try await Stage.shared(.apacheKafka)
        let topic = try await stage.topic(label)
        let codes = ["internal", "badge.unknown", "customer.not_found"]
        let letters = (0..<40).map { number in
            Letters.record(
                Letters.framed(stage.points, Letters.points(number)),
                headers: Letters.headers(
                    offset: number, code: number == 33 ? "dependency.unavailable" : codes[number % 3],
                    more: [("gamification.merchant.id", Array("m\(number % 2)".utf8))]))
        }
        try await stage.publish(letters, to: topic)
        try await stage.createCompanions(of: topic)
        return Place(stage: stage, topic: topic)
    }

    @Test("it goes first, of every reason one, and the rest follows when it is processed")
    func passes() async throws {
        let place = try await place("canary")
        let consumer = place.consume(failing: false)
        defer { consumer.cancel() }
        let drain = try await place.drain(["--canary", "7", "--canary-wait", "60s"])
        #expect(drain["canary"]["result"].string == "passed" && drain["canary"]["records"].int == 7)
        #expect(drain["redriven"].int == 40 && drain["exit_reason"].string == "done")
        // What the canary passed over was no record that is not selected.
        #expect(drain["selected"].int == 40 && drain["skipped"].int == 0 && drain["remaining"].int == 0)
        let first = try await Program.json(
            [
                "list", "-b", place.stage.brokers, "--topic", "\(place.topic).replay", "--no-decode",
                "--progress-topic", "\(place.topic).progress", "--replay-topic", "\(place.topic).none",
            ])
        #expect(first["selected"].int == 40)
        // The seventh kind, of a single record, is among the first seven.
        let rare = try await Program.json(
            [
                "history", "-b", place.stage.brokers, "--runs-topic", "\(place.topic).runs",
            ])
        #expect(rare["runs"].array.compactMap { $0["run"].string }.sorted() == ["night", "night-canary"])
        #expect(rare["runs"][0]["by"][0].string?.contains("@") == true)
    }

    @Test("a consumer that is down: exit 7, and only the canary was sent")
    func consumerDown() async throws {
        let place = try await place("canary-down")
        let drain = try await place.drain(["--canary", "5", "--canary-wait", "3s"], exit: 7)
        #expect(drain["canary"]["result"].string == "not_consumed" && drain["redriven"].int == 5)
        #expect(drain["exit_reason"].string == "stopped_early" && drain["remaining"].int ?? 0 >= 35, "\(drain)")
        #expect(drain["error"].string?.contains(place.group) == true)
        let run = try await place.history()[0]
        #expect(run["run"].string == "night-canary" && run["state"].string == "stopped", "\(run)")
        #expect(run["tally"]["redriven"].int == 5 && run["tally"]["skipped"].int == 0)
        #expect(run["copies"][0]["reason"].string?.contains(place.group) == true)
        // What was sent is done; the next try sends others.
        let consumer = place.consume(failing: false)
        defer { consumer.cancel() }
        let again = try await place.drain(["--canary", "5", "--canary-wait", "60s"])
        #expect(again["redriven"].int == 35 && again["canary"]["result"].string == "passed")
    }

    @Test("a canary that fails again: exit 7, and the rest is untouched")
    func failsAgain() async throws {
        let place = try await place("canary-again")
        let consumer = place.consume(failing: true)
        defer { consumer.cancel() }
        let drain = try await place.drain(["--canary", "4", "--canary-wait", "60s"], exit: 7)
        #expect(drain["canary"]["result"].string == "failed_again" && drain["redriven"].int == 4, "\(drain)")
    }

    @Test("a plan is tried first as well")
    func plan() async throws {
        let place = try await place("canary-plan")
        let directory = try ScratchDirectory()
        let file = directory.file("plan.jsonl")
        try await place.plan(file)
        let consumer = place.consume(failing: false)
        defer { consumer.cancel() }
        let applied = try await place.apply(file, ["--canary", "3"])
        #expect(applied["canary"]["records"].int == 3 && applied["redriven"].int == 13, "\(applied)")
        #expect(applied["plan"]["already_done"].int == 0 && applied["plan"]["absent"].int == 0)
    }

    @Test("of a plan whose canary is not processed the rest is left, not missing")
    func planLeft() async throws {
        let place = try await place("canary-left")
        let directory = try ScratchDirectory()
        let file = directory.file("plan.jsonl")
        try await place.plan(file)
        let applied = try await place.apply(file, ["--canary", "3", "--canary-wait", "2s"], exit: 7)
        #expect(applied["redriven"].int == 3 && applied["plan"]["left"].int == 10, "\(applied)")
        #expect(applied["plan"]["absent"].int == 0)
    }

    @Test("a plan with more redrives than usual: its canary is looked for where it goes")
    func planOfRetries() async throws {
        let place = try await place("canary-retries")
        let letters = (100..<106).map { number in
            Letters.record(
                Letters.framed(place.stage.points, Letters.points(number)),
                headers: Letters.headers(
                    offset: number, code: "customer.not_found", more: [("gamification.retry.count", Array("5".utf8))]))
        }
        try await place.stage.publish(letters, to: place.topic)
        let directory = try ScratchDirectory()
        let file = directory.file("plan.jsonl")
        _ = try await Program.json(
            ["plan", "-o", file, "--max-retries", "9"] + place.stage.flags(place.topic) + [
                "--event-id", Letters.eventID(100), "--event-id", Letters.eventID(101),
            ])
        let refused = try await place.apply(file, ["--canary", "1", "--canary-wait", "2s"], exit: 7)
        #expect(refused["canary"]["result"].string == "not_consumed" && refused["redriven"].int == 1, "\(refused)")
    }

    @Test("it counts for --limit, and is no larger than that")
    func limit() async throws {
        let place = try await place("canary-limit")
        let consumer = place.consume(failing: false)
        defer { consumer.cancel() }
        let small = try await place.drain(["--canary", "7", "--canary-wait", "60s", "--limit", "3"])
        #expect(small["redriven"].int == 3 && small["canary"]["records"].int == 3, "\(small)")
        let more = try await place.drain(["--canary", "7", "--canary-wait", "60s", "--limit", "10"])
        #expect(more["redriven"].int == 10 && more["remaining"].int == 27, "\(more)")
    }

    @Test("--run-time ends the wait for it too")
    func runTime() async throws {
        let place = try await place("canary-time")
        let drain = try await place.drain(["--canary", "5", "--run-time", "6s"], exit: 7)
        #expect(drain["canary"]["result"].string == "not_consumed" && drain["redriven"].int == 5, "\(drain)")
    }

    @Test("records that nobody can read yet, for an open transaction before them, are not taken for processed")
    func heldBack() async throws {
        let place = try await place("canary-held")
        let open = try await OpenTransaction(
            ScratchKafka.shared(),
            records: [("\(place.topic).replay", OutgoingRecord(partition: 0, key: [1], value: [1]))])
        let consumer = place.consume(failing: false)
        defer { consumer.cancel() }
        let drain = try await place.drain(["--canary", "5", "--canary-wait", "3s"], exit: 7)
        #expect(drain["canary"]["result"].string == "not_consumed" && drain["redriven"].int == 5, "\(drain)")
        #expect(drain["error"].string?.contains("0 of the 5") == true)
        try await open.abort()
        let rest = try await place.drain(["--canary", "5", "--canary-wait", "60s"])
        #expect(rest["redriven"].int == 35 && rest["canary"]["result"].string == "passed")
    }

    @Test("one of which no record could be redriven lets nothing follow")
    func noneRedriven() async throws {
        let stage = try await Stage.shared(.apacheKafka)
        let topic = try await stage.topic("canary-none")
        // Larger than the destination takes, and small enough for the parked topic.
        let letters = (0..<12).map { number in
            Letters.record(
                [UInt8](repeating: 7, count: 60_000), headers: Letters.headers(offset: number, code: "internal"))
        }
        try await ScratchKafka.shared().createTopic(
            named: "\(topic).replay", partitions: 1, settings: ["max.message.bytes": "20000"])
        try await stage.publish(letters, to: topic)
        try await stage.createCompanions(of: topic)
        let drain = try await Program.json(
            ["drain"] + stage.flags(topic, decodes: false) + [
                "--runs-topic", "\(topic).runs", "--rate", "max", "--yes", "--canary", "2",
            ], exit: 7)
        #expect(drain["parked"].int == 2 && drain["remaining"].int == 10, "\(drain)")
        #expect(drain["error"].string?.contains("none of the 2 canary records") == true)
    }

    @Test("without the topic that would remember what it has done it is refused, before anything is sent")
    func noProgressTopic() async throws {
        let place = try await place("canary-forgotten")
        let drain = try await Program.json(
            ["drain"]
                + place.stage.flags(place.topic).map { $0 == "\(place.topic).progress" ? "\(place.topic).none" : $0 }
                + ["--rate", "max", "--yes", "--canary", "2"], exit: 6)
        #expect(drain["redriven"].int == 0 && drain["error"].string?.contains("a canary leaves records") == true)
    }
}
