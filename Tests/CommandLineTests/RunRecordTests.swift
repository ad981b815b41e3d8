import Lifecycle
import Redrive
import Runs
import TestSupport
import Testing

@Suite("A drain stands in the runs topic", ScratchKafka.requirement)
struct RunRecordTests {
    @Test("who, what, how far, and what it came to; a second start goes on under the name")
    func record() async throws {
        let stage = try await Stage.shared(.apacheKafka)
        let topic = try await stage.topic("recorded")
        let letters = (0..<20).map { number in
            Letters.record(
                Letters.framed(stage.points, Letters.points(number)),
                headers: Letters.headers(offset: number, code: number % 2 == 0 ? "internal" : "badge.unknown"))
        }
        try await stage.publish(letters, to: topic)
        try await stage.createCompanions(of: topic)
        let flags = ["drain"] + stage.flags(topic) + ["--runs-topic", "\(topic).runs", "--run", "night", "--yes"]
        for more in [["--error-code", "internal"], []] {
            let result = try await Program.run(flags + more + ["--rate", "max"])
            #expect(result.exitCode == 0, "\(result.errors)")
            #expect(!result.errors.contains("leaves no history"))
        }
        let kafka = stage.kafka
        let entry = try await BlockingExecutor(name: "runs").run {
            let store = try RunStore(kafka, topic: "\(topic).runs", patience: .seconds(30))
            defer { _ = store.close(timeout: .seconds(5)) }
            return try store.read("night")
        }
        let record = try #require(entry.record)
        #expect(record.program == "reprocess-dlq" && record.command == "drain" && record.rate == "max")
        #expect(record.group == "gamification.drain.\(topic)")
        #expect(record.copies.map(\.state) == [.finished, .finished])
        #expect(record.copies.map(\.tally.redriven) == [10, 10])
        #expect(record.copies.allSatisfy { $0.by.contains("@") })
        #expect(record.range.map(\.topic) == [topic] && record.range[0].bounds.map(\.upperBound) == [20])
    }

    @Test("without the topic a drain goes on, and says so")
    func withoutTopic() async throws {
        let stage = try await Stage.shared(.apacheKafka)
        let topic = try await stage.topic("unrecorded")
        try await stage.publish(
            [Letters.record(Letters.framed(stage.points, Letters.points(1)), headers: [])], to: topic)
        try await stage.createCompanions(of: topic)
        let result = try await Program.run(
            ["drain"] + stage.flags(topic) + ["--runs-topic", "\(topic).nowhere", "--rate", "max", "--yes"])
        #expect(result.exitCode == 0 || result.exitCode == 3, "\(result.errors)")
        #expect(result.errors.contains("\(topic).nowhere does not exist: this run leaves no history"))
    }
}
