import Kafka
import TestSupport
import Testing

/// `watch` on real brokers.
@Suite("watch", ScratchKafka.requirement, .timeLimit(.minutes(3)))
struct WatchTests {
    private func place(_ label: String) async throws -> (stage: Stage, topic: String, flags: [String]) {
        let stage = try await Stage.shared(.apacheKafka)
        let topic = try await stage.topic(label)
        let letters = (0..<20).map { number in
            Letters.record(
                Letters.framed(stage.points, Letters.points(number)),
                headers: Letters.headers(offset: number, code: number % 4 == 0 ? "internal" : "badge.unknown"))
        }
        try await stage.publish(letters, to: topic)
        try await stage.createCompanions(of: topic)
        return (
            stage, topic,
            [
                "watch", "-b", stage.brokers, "--topic", topic, "--replay-topic", "\(topic).replay", "--progress-topic",
                "\(topic).progress", "--schema-registry", stage.registry, "--interval", "1s",
            ]
        )
    }

    @Test("each look is a line of JSON: size, rates, reasons, ages, lag")
    func stream() async throws {
        let (stage, topic, flags) = try await place("watch")
        let result = try await Program.run(flags + ["--output", "json", "--count", "2", "--canary-group", "nobody"])
        #expect(result.exitCode == 0 && result.errors.isEmpty, "\(result.errors)")
        let looks = try result.output.split(separator: "\n").map { try JSON(String($0)) }
        try #require(looks.count == 2)
        #expect(looks[0]["remaining"].int == 20 && looks[0]["arrivals_per_second"].isNull)
        #expect(looks[1]["arrivals_per_second"].int == 0 && looks[1]["redrives_per_second"].int == 0)
        #expect(looks[1]["by_reason"]["badge.unknown"].int == 15 && looks[1]["by_reason"]["internal"].int == 5)
        #expect(looks[1]["lags"][0]["group"].string == "nobody" && looks[1]["lags"][0]["records"].int == 0)
        #expect(looks[1]["topic"].string == topic && looks[1]["error"].isNull)
        _ = stage
    }

    @Test("on a terminal it draws on a screen of its own and leaves the terminal as it was")
    func terminal() async throws {
        let (_, topic, flags) = try await place("watch-tty")
        let command = ([try ProcessRunner.builtBinary(Program.name)] + flags + ["--count", "2"]).joined(separator: " ")
        let result = try await ProcessRunner.run(
            ["script", "-qec", command, "/dev/null"],
            environment: Program.clean.merging(["TERM": "xterm-256color"]) { $1 }, deadline: 60)
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        #expect(result.output.hasPrefix("\u{1B}[?1049h\u{1B}[?25l"))
        #expect(result.output.hasSuffix("\u{1B}[?25h\u{1B}[?1049l"))
        #expect(result.output.contains(topic) && result.output.contains("By reason"))
    }

    @Test("without a terminal it says what to do, at once")
    func noTerminal() async throws {
        let result = try await Program.run(["watch", "-b", "localhost:1", "--no-decode"])
        #expect(result.exitCode == 2 && result.errors.contains("--output json") && result.output.isEmpty)
    }

    @Test("a topic that is not there shows in every look, and ends nothing")
    func missingTopic() async throws {
        let stage = try await Stage.shared(.apacheKafka)
        let result = try await Program.run([
            "watch", "-b", stage.brokers, "--topic", uniqueName("nowhere"), "--no-decode", "--output", "json",
            "--count",
            "2", "--interval", "1s",
        ])
        #expect(result.exitCode == 0)
        let looks = try result.output.split(separator: "\n").map { try JSON(String($0)) }
        #expect(looks.count == 2 && looks.allSatisfy { $0["error"].string?.contains("does not exist") == true })
    }
}
