import Kafka
import TestSupport
import Testing

/// `park` and `unpark` on real brokers.
@Suite("park and unpark", ScratchKafka.requirement, .timeLimit(.minutes(5)))
struct ParkTests {
    private func place(_ label: String) async throws -> (stage: Stage, topic: String) {
        let stage = try await Stage.shared(.apacheKafka)
        let topic = try await stage.topic(label)
        let letters = (0..<30).map { number in
            Letters.record(
                Letters.framed(stage.points, Letters.points(number)),
                headers: Letters.headers(
                    offset: number, code: number % 3 == 0 ? "internal" : "badge.unknown",
                    more: [("gamification.retry.count", Array("7".utf8))]))
        }
        try await stage.publish(letters, to: topic)
        try await stage.createCompanions(of: topic)
        return (stage, topic)
    }

    @Test("what is parked is done for the drain, and comes back once with its count at 0")
    func thereAndBack() async throws {
        let (stage, topic) = try await place("park")
        let parked = try await Program.json(
            ["park", "--reason", "bad deploy of 2026-11-25", "--error-code", "internal", "--rate", "max", "--yes"]
                + stage.flags(topic).filter { $0 != "--replay-topic" && $0 != "\(topic).replay" })
        #expect(parked["command"].string == "park" && parked["exit_reason"].string == "done")
        #expect(parked["parked_by_reason"]["bad deploy of 2026-11-25"].int == 10)
        let left = try await Program.json(["list"] + stage.flags(topic))
        #expect(left["remaining"].int == 20)
        let shown = try await Program.json(
            [
                "show", "0:0", "-b", stage.brokers, "--topic", "\(topic).parked", "--no-decode", "--progress-topic",
                "\(topic).progress",
            ])
        let headers = shown["record"]["headers"].array
        #expect(
            headers.contains {
                $0["name"].string == "gamification.parked.reason"
                    && $0["value"]["text"].string == "bad deploy of 2026-11-25"
            }, "\(shown)")

        let unpark =
            ["unpark", "--rate", "max", "--yes"]
            + stage.flags(topic).filter { $0 != "--topic" && $0 != topic }
        let back = try await Program.json(unpark + ["--limit", "4"])
        #expect(back["command"].string == "unpark" && back["redriven"].int == 4)
        let rest = try await Program.json(unpark)
        #expect(rest["redriven"].int == 6)
        let nothing = try await Program.json(unpark)
        #expect(nothing["redriven"].int == 0)
        let redriven = try await Program.json(
            [
                "show", "0:0", "-b", stage.brokers, "--topic", "\(topic).replay", "--no-decode", "--progress-topic",
                "\(topic).progress",
            ])
        let values = redriven["record"]["headers"].array
        func value(_ name: String) -> String? { values.first { $0["name"].string == name }?["value"]["text"].string }
        #expect(value("gamification.retry.count") == "0" && value("gamification.unparked.count") == "1")
        #expect(value("gamification.first.failed.at") == "2026-10-30T08:15:30Z")
        #expect(value("gamification.parked.reason") == nil)
    }

    @Test("a reason that is missing, holds control characters or is too long is a mistake")
    func badReasons() async throws {
        let flags = ["park", "-b", "localhost:1", "--no-decode", "--yes"]
        for (reason, expected) in [
            ("", "empty"), ("a\u{1B}[31mb", "control characters"), ("two\nlines", "control characters"),
            (String(repeating: "x", count: 100_000), "100000 bytes"),
        ] {
            let result = try await Program.run(flags + ["--reason", reason])
            #expect(result.exitCode == 2 && result.errors.contains(expected), "\(result.errors.prefix(300))")
        }
        let missing = try await Program.run(flags)
        #expect(missing.exitCode == 2 && missing.errors.contains("--reason"))
    }
}
