import Glibc
import TestSupport
import Testing

@Suite("A terminal that is lost", ScratchKafka.requirement, .timeLimit(.minutes(3)))
struct HangupTests {
    @Test("SIGHUP ends a drain in order: what is in hand is committed, the tally told, the run's end recorded")
    func hangup() async throws {
        let stage = try await Stage.shared(.apacheKafka)
        let topic = try await stage.topic("hangup")
        try await stage.publish(
            (0..<300).map { number in
                Letters.record(
                    Letters.framed(stage.points, Letters.points(number)),
                    headers: Letters.headers(offset: number, code: "internal"))
            }, to: topic)
        try await stage.createCompanions(of: topic)
        let runs = ["-b", stage.brokers, "--runs-topic", "\(topic).runs"]
        let drain = try ChildProcess(
            [try ProcessRunner.builtBinary(Program.name), "drain"] + stage.flags(topic, decodes: false) + [
                "--runs-topic", "\(topic).runs", "--yes", "--rate", "20", "--output", "json",
            ], environment: Program.clean)
        func history() async throws -> JSON { try await Program.json(["history"] + runs) }
        let isAtWork = try await eventually(deadline: 60) {
            try await history()["runs"][0]["copies"][0]["tally"]["selected"].int ?? 0 > 0 || !drain.isRunning
        }
        try #require(isAtWork && drain.isRunning, "\(drain.errors)\(drain.output)")
        drain.signal(SIGHUP)
        let result = try await drain.wait(deadline: 60)
        #expect(result.exitCode == 143, "\(result.errors)\(result.output)")
        let tally = try JSON(result.output)
        let redriven = try #require(tally["redriven"].int)
        #expect(redriven > 0 && redriven < 300)
        #expect(tally["remaining"].int == 300 - redriven)
        #expect(try await history()["runs"][0]["state"].string == "stopped")
    }
}
