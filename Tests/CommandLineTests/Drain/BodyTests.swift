import Kafka
import KafkaTestSupport
import TestSupport
import Testing

/// Dead letters are what programs could not read: here they are drained, not only looked at.
@Suite("Bodies that cannot be read", ScratchKafka.requirement, .timeLimit(.minutes(3)))
struct BodyTests {
    /// A length that says more than there is: 2 GiB less one byte, in five bytes.
    private static let endless: [UInt8] = [0xFE, 0xFF, 0xFF, 0xFF, 0x0F]

    /// Value and reason; nil is redriven.
    private static func bodies(_ stage: Stage) -> [([UInt8]?, String?)] {
        let datum = Letters.points(1)
        let good = Letters.framed(stage.points, datum)
        return [
            (good, nil),
            ([], "avro.malformed"), ([0], "avro.malformed"), (Array(good.prefix(4)), "avro.malformed"),
            (Array(good.prefix(5)), "avro.malformed"), (Array(good.dropLast()), "avro.malformed"),
            (good + [0], "avro.malformed"), ([1] + good.dropFirst(), "avro.malformed"),
            (Letters.framed(stage.points, endless), "avro.malformed"),
            (Letters.framed(stage.points, [UInt8](repeating: 0xFF, count: 64)), "avro.malformed"),
            (Letters.framed(stage.points, [1] + datum), "avro.malformed"),
            (Letters.framed(stage.points, [4, 0xC3, 0x28] + datum), "avro.malformed"),
            (good + [UInt8](repeating: 0x41, count: 3_000_000), "avro.malformed"),
            (Letters.framed(99_999, datum), "schema.unknown"),
            (Letters.framed(.max, datum), "schema.unknown"), (Letters.framed(-1, datum), "schema.unknown"),
            (Letters.framed(stage.customers, Letters.customerUpdated(2)), "event.invalid"),
            (good, nil),
        ]
    }

    @Test("truncated, oversized, hostile, of an unknown or another schema: parked with the reason, byte for byte")
    func parked() async throws {
        let large = ["max.message.bytes": "8000000"]
        let queue = try await DrainStage("bodies", source: large, destination: large, parked: large)
        let bodies = Self.bodies(queue.stage)
        try await queue.publish(
            bodies.enumerated().map { number, body in
                Letters.record(body.0, headers: Letters.headers(offset: number, code: "internal"))
            })
        let call = queue.call.filter { $0 != "--no-decode" } + ["--schema-registry", queue.stage.registry]
        let result = try await Program.json(call, exit: 3)
        #expect(result["redriven"].int == 2 && result["remaining"].int == 0, "\(result)")
        for reason in ["avro.malformed", "schema.unknown", "event.invalid"] {
            let count = bodies.filter { $0.1 == reason }.count
            #expect(result["parked_by_reason"][reason].int == count, "\(reason): \(result["parked_by_reason"])")
        }
        let redriven = try await queue.read(queue.destination)
        #expect(redriven.map(\.value) == bodies.filter { $0.1 == nil }.map(\.0))
        let parked = try await queue.read(queue.parked)
        let expected = bodies.filter { $0.1 != nil }
        #expect(parked.map(\.value) == expected.map(\.0))
        #expect(parked.map { $0.text("gamification.parked.reason") } == expected.map(\.1))
    }

    @Test("a registry that fails now and then is asked again, and nothing is parked for it")
    func failingRegistry() async throws {
        let queue = try await DrainStage("failing")
        let registry = try ChildProcess([
            try ProcessRunner.builtBinary("mock-services"), "--exit-with-parent", "--fail-first", "3",
        ])
        let lines = try await registry.waitForOutput { $0.contains("READY") }.split(separator: "\n")
        let url = try #require(lines.first { $0.hasPrefix("SCHEMA_REGISTRY_URL=") }?.dropFirst(20))
        // This registry knows no schema: the letter is parked for that, and for nothing else.
        try await queue.publish([
            Letters.record(
                Letters.framed(7, Letters.points(1)), headers: Letters.headers(offset: 1, code: "internal"))
        ])
        let call = queue.call.filter { $0 != "--no-decode" } + ["--schema-registry", String(url)]
        let result = try await Program.json(call, exit: 3)
        #expect(result["parked_by_reason"]["schema.unknown"].int == 1, "\(result)")
    }
}
