import Glibc
import Kafka
import KafkaTestSupport
import TestSupport
import Testing

@Suite("What a drain publishes, and where", ScratchKafka.requirement)
struct PublishingTests {
    private static let originHeaders = ["__dlq.errors.topic", "__dlq.errors.partition", "__dlq.errors.offset"]

    private func now() -> Int64 { Int64(time(nil)) * 1_000 }

    @Test("to the origin: partition kept while the topic has it, its headers gone; topics not allowed are parked")
    func origin() async throws {
        let queue = try await DrainStage("origin")
        let origin = try await ScratchKafka.shared().createTopic("origin", partitions: 4)
        func letter(_ value: UInt8, topic: String, more: [(String, [UInt8]?)] = []) -> OutgoingRecord {
            Letters.record(
                [value], headers: Letters.headers(topic: topic, offset: Int(value), code: "internal", more: more))
        }
        try await queue.publish([
            letter(1, topic: origin), letter(2, topic: origin, more: [("__dlq.errors.partition", Array("77".utf8))]),
            letter(3, topic: "points.earned"), Letters.record([4], headers: []),
        ])
        let refused = try await queue.drain(["--to", "origin"], exit: 6)
        #expect(refused["error"].string?.contains("none of the origin topics exists") == true)
        let mistyped = try await queue.drain(["--to", "origin", "--allow-origin", "\(origin).mistyped"], exit: 6)
        #expect(mistyped["error"].string?.contains("\(origin).mistyped") == true)

        let result = try await queue.drain(["--to", "origin", "--allow-origin", origin], exit: 3)
        #expect(result["destination"].string == "origin" && result["redriven"].int == 2)
        #expect(result["parked_by_reason"]["origin.not_allowed"].int == 1)
        #expect(result["parked_by_reason"]["origin.missing"].int == 1)
        let found = try await queue.read(origin).sorted { ($0.value ?? []).lexicographicallyPrecedes($1.value ?? []) }
        #expect(found.map(\.value) == [[1], [2]])
        #expect(found.first?.partition == 2)
        for record in found {
            #expect(Self.originHeaders.allSatisfy { record.text($0) == nil })
            #expect(record.text("gamification.retry.count") == "1")
            #expect(record.key == Array(Letters.customer.utf8) && record.timestamp == 1_790_000_000_000)
        }
        #expect(try await queue.read(queue.parked).map(\.value) == [[3], [4]])
    }

    @Test("with --timestamp now the present time, and the original in a header that a second redrive leaves alone")
    func timestampNow() async throws {
        let queue = try await DrainStage("now")
        let start = now()
        try await queue.publish([Letters.record([1], headers: Letters.headers(offset: 1, code: nil))])
        #expect(try await queue.drain(["--timestamp", "now"])["redriven"].int == 1)
        let first = try #require(try await queue.read(queue.destination).first)
        #expect(first.timestamp >= start - 1_000 && first.timestamp <= now() + 1_000)
        #expect(first.text("gamification.original.timestamp") == "2026-09-21T14:13:20.000Z")
        try await queue.publish([
            OutgoingRecord(
                partition: 0, key: first.key, value: first.value,
                headers: first.headers.map { (HeaderName(String(decoding: $0.name, as: UTF8.self)), $0.value) },
                timestamp: first.timestamp)
        ])
        #expect(try await queue.drain(["--timestamp", "now"])["redriven"].int == 1)
        let second = try #require(try await queue.read(queue.destination).last)
        #expect(second.text("gamification.original.timestamp") == "2026-09-21T14:13:20.000Z")
        #expect(second.text("gamification.retry.count") == "2")
    }

    @Test("a record too large for its destination is parked, one too large for both is left; the rest goes on")
    func oversized() async throws {
        let large = ["max.message.bytes": "4000000"]
        let queue = try await DrainStage(
            "large", source: large, destination: ["max.message.bytes": "4000"], parked: ["max.message.bytes": "50000"])
        let sizes = [10, 20_000, 200_000, 11]
        try await queue.publish(
            sizes.enumerated().map { number, size in
                Letters.record(
                    [UInt8](repeating: UInt8(number), count: size),
                    headers: Letters.headers(offset: number, code: "internal"))
            })
        let first = try await queue.drain(exit: 3)
        #expect(first["redriven"].int == 2 && first["rejected"].int == 1)
        #expect(first["parked_by_reason"]["unpublishable"].int == 1)
        #expect(try await queue.read(queue.destination).map { $0.value?.count } == [10, 11])
        let parked = try await queue.read(queue.parked)
        #expect(parked.map { $0.value?.count } == [20_000])
        #expect(parked.first?.text("gamification.parked.reason") == "unpublishable")

        let second = try await queue.drain(exit: 3)
        #expect(second["rejected"].int == 1 && second["redriven"].int == 0 && second["parked"].int == 0)
        let left = try await Program.json(["list"] + queue.stage.flags(queue.topic, decodes: false))
        #expect(left["selected"].int == 1)
    }

    @Test("headers that are missing, doubled, contradictory, no text or a megabyte long stop nothing and lose nothing")
    func hostileHeaders() async throws {
        let large = ["max.message.bytes": "8000000"]
        let queue = try await DrainStage("headers", source: large, destination: large, parked: large)
        let megabyte = [UInt8](repeating: 0x61, count: 1 << 20)
        let noText: [UInt8] = [0xFF, 0xC0, 0x80, 0x00, 0x1B, 0x5B]
        func letter(_ value: UInt8, _ more: [(String, [UInt8]?)]) -> OutgoingRecord {
            Letters.record([value], headers: Letters.headers(offset: 5, code: "internal", more: more))
        }
        try await queue.publish([
            Letters.record([0], headers: []),
            letter(1, [("__dlq.errors.offset", Array("6".utf8)), ("custom", [1]), ("custom", [2])]),
            letter(2, [("kafka_dlt-original-topic", Array("badge.awarded".utf8))]),
            letter(3, [("custom", noText), ("", nil)]),
            letter(4, [("custom", megabyte)]),
            letter(5, [("gamification.retry.count", noText)]),
            letter(6, [("__dlq.errors.topic", noText)]),
        ])
        let result = try await queue.drain(exit: 3)
        #expect(result["redriven"].int == 4 && result["parked"].int == 3, "\(result)")
        #expect(result["parked_by_reason"]["header.invalid"].int == 1)
        let found = try await queue.read(queue.destination)
        #expect(found.map(\.value) == [[1], [2], [3], [4]])
        #expect(found[0].text("__dlq.errors.offset") == "6")
        func custom(_ record: ReadRecord) -> [[UInt8]?] {
            record.headers.filter { $0.name == Array("custom".utf8) }.map(\.value)
        }
        #expect(custom(found[0]) == [[1], [2]] && custom(found[2]) == [noText])
        #expect(found[2].headers.contains { $0.name.isEmpty && $0.value == nil })
        #expect(custom(found[3]).first??.count == 1 << 20)
        #expect(try await queue.read(queue.parked).map(\.value) == [[0], [5], [6]])
    }
}
