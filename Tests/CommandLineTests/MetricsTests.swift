import Glibc
import TestSupport
import Testing

@Suite("The metrics file of a drain")
struct MetricsTests {
    private static let success = "gamification_redrive_last_success_timestamp_seconds"

    /// The value of a series in the file.
    private func value(_ name: String, _ topic: String, in path: String) throws -> Double? {
        try readText(path).split(separator: "\n").first { $0.hasPrefix("\(name){topic=\"\(topic)\"} ") }
            .flatMap { Double($0.split(separator: " ")[1]) }
    }

    /// Of an embedded cluster, which has no transactions.
    private func drain(_ stage: Stage, _ topic: String, _ path: String, _ options: [String]) async throws -> Int32? {
        let result = try await Program.run(
            ["drain"] + stage.flags(topic, decodes: false) + ["--yes", "--metrics-file", path] + options)
        return result.exitCode
    }

    @Test("a drain that fails leaves the time of the last success")
    func failure() async throws {
        let stage = try await Stage.shared(.mockServices)
        let topic = try await stage.topic("metrics")
        let directory = try ScratchDirectory("metrics")
        let path = directory.file("drain.prom")
        for name in [topic, "\(topic).replay", "\(topic).parked", "\(topic).runs"] {
            try await stage.publish([Letters.record([1], headers: Letters.headers(offset: 1, code: nil))], to: name)
        }
        #expect(try await drain(stage, topic, path, ["--delivery", "at-least-once"]) == 0)
        let first = try #require(try value(Self.success, topic, in: path))
        #expect(try value("gamification_redrive_exit_code", topic, in: path) == 0)
        let remaining = "gamification_redrive_remaining_offsets"
        #expect(try value(remaining, topic, in: path) == 0)

        #expect(try await drain(stage, topic, path, []) == 6)
        #expect(try value("gamification_redrive_exit_code", topic, in: path) == 6)
        #expect(try value(Self.success, topic, in: path) == first)
        // It ended before it looked: that nothing is left it cannot say.
        #expect(try value(remaining, topic, in: path) == nil)
        let last = try #require(try value("gamification_redrive_last_run_timestamp_seconds", topic, in: path))
        #expect(last > first)
    }

    @Test(
        "what cannot be the time of an earlier success is not kept, whatever the file holds",
        arguments: [
            "", "NaN", "inf", "-1", "1e300", "99999999999", "0x10p3000", "yesterday", "1 2 3", "\u{0}", "\u{1B}[2J",
        ])
    func hostile(earlier: String) async throws {
        let stage = try await Stage.shared(.mockServices)
        let directory = try ScratchDirectory("metrics")
        let path = directory.file("drain.prom")
        let padding = earlier.isEmpty ? String(repeating: "x", count: 2 << 20) : "\u{FFFD}\nother{topic=\"t\"} 5\n"
        try writeText("\(padding)\(Self.success){topic=\"t\"} \(earlier)\n", to: path)
        #expect(try await drain(stage, "t", path, []) == 6)
        let text = try readText(path)
        #expect(!text.contains(Self.success) && text.contains("gamification_redrive_exit_code{topic=\"t\"} 6"))
    }
}
