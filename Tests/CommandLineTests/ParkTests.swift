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
            ("asked for by jane.doe@example.com", "email address"), ("sent with token=hunter2", "token"),
        ] {
            let result = try await Program.run(flags + ["--reason", reason])
            #expect(result.exitCode == 2 && result.errors.contains(expected), "\(result.errors.prefix(300))")
        }
        let missing = try await Program.run(flags)
        #expect(missing.exitCode == 2 && missing.errors.contains("--reason"))
    }

    @Test("a reason that another program wrote, as large as a record and with control characters, hurts nothing")
    func foreignReason() async throws {
        let stage = try await Stage.shared(.apacheKafka)
        let topic = try await stage.topic("park-foreign")
        try await stage.createCompanions(of: topic)
        let reason =
            Array("\u{1B}[2J\u{1B}]0;title\u{07}\n\u{202E}".utf8) + [UInt8](repeating: 0x78, count: 900_000) + [0xFF]
        try await stage.publish(
            [
                Letters.record(
                    Letters.framed(stage.points, Letters.points(1)),
                    headers: Letters.headers(
                        offset: 1, code: "internal", more: [("gamification.parked.reason", reason)]))
            ], to: "\(topic).parked")
        let place = [
            "-b", stage.brokers, "--topic", "\(topic).parked", "--no-decode", "--progress-topic", "\(topic).progress",
        ]
        for command in [
            ["show", "0:0"], ["list", "--replay-topic", "\(topic).replay", "--parked-topic", "\(topic).none"],
        ] {
            let result = try await Program.run(command + place)
            #expect(result.exitCode == 0, "\(result.errors.prefix(500))")
            #expect(result.output.count < 50_000)
            for character: Unicode.Scalar in ["\u{1B}", "\u{07}", "\u{202E}"] {
                #expect(!result.output.unicodeScalars.contains(character))
            }
        }
        let back = try await Program.json(
            [
                "unpark", "-b", stage.brokers, "--parked-topic", "\(topic).parked", "--replay-topic", "\(topic).replay",
                "--progress-topic", "\(topic).progress", "--runs-topic", "\(topic).runs", "--no-decode", "--rate",
                "max",
                "--yes",
            ])
        #expect(back["redriven"].int == 1)
        let shown = try await Program.run(
            [
                "show", "0:0", "-b", stage.brokers, "--topic", "\(topic).replay", "--no-decode", "--progress-topic",
                "\(topic).progress",
            ])
        #expect(shown.exitCode == 0 && !shown.output.contains("gamification.parked.reason"))
    }
}
