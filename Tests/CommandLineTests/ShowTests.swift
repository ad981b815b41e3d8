import Kafka
import TestSupport
import Testing

@Suite("reprocess-dlq show", .serialized)
struct ShowTests {
    private static let hostile: [UInt8] = Array("\u{1B}]0;owned\u{07}\u{202E}x".utf8)

    private static func letters(_ stage: Stage) throws -> [OutgoingRecord] {
        let good = Letters.framed(stage.points, Letters.points(1, createdAt: 1_790_000_000_123))
        return [
            Letters.record(
                Letters.framed(stage.customers, Letters.customerUpdated(2)),
                headers: Letters.headers(
                    topic: "customer.updated", offset: 2, code: "internal",
                    more: [
                        ("tenant", Array("m1".utf8)), ("weird\u{1B}[2J", hostile), ("binary", [0, 0xFF, 0x80]),
                        ("none", nil), ("authorization", Array("Bearer abc.def".utf8)),
                    ])),
            Letters.record(Array(good.prefix(30)), headers: Letters.headers(offset: 3, code: "avro.malformed")),
            Letters.record(
                Letters.framed(99_999, Letters.customerUpdated(4)), headers: Letters.headers(offset: 4, code: nil)),
            Letters.record(nil, headers: Letters.headers(offset: 6, code: "internal")),
            Letters.record(
                good,
                headers: Letters.headers(
                    offset: 7, code: "internal",
                    more: [
                        ("__connect.errors.topic", Array("other".utf8)), ("__connect.errors.partition", [0x30]),
                        ("__connect.errors.offset", Array("9".utf8)), ("__dlq.errors.offset", Array("8".utf8)),
                        ("gamification.merchant.id", [0xFF]), ("dead-letter-topic", Array("x".utf8)),
                    ])),
            Letters.record(
                good,
                headers: Letters.headers(
                    offset: 9, code: "internal", more: [("huge", [UInt8](repeating: 0x61, count: 1_048_576))])),
            OutgoingRecord(partition: 0, key: nil, value: [], headers: []),
        ]
    }

    private static func topic(_ stage: Stage) async throws -> String {
        let topic = try await stage.topic("show", settings: ["max.message.bytes": "8000000"])
        try await stage.publish(try letters(stage), to: topic)
        return topic
    }

    @Test("a whole record: decoded, masked, and nothing raw", arguments: Stage.Kind.available)
    func whole(kind: Stage.Kind) async throws {
        let stage = try await Stage.shared(kind)
        let topic = try await Self.topic(stage)
        let masked = try await Program.run(["show", "0:0"] + stage.flags(topic))
        #expect(masked.exitCode == 0)
        for part in [
            "Headers of kip-1191", "Other headers", "gamification.v1.CustomerUpdated", "[email]", "language",
            "redrives it to \(topic).replay", "00ff80", "(null)", "token=[secret]", "Bearer [secret]",
        ] {
            #expect(masked.output.contains(part), "\(part) is missing in\n\(masked.output)")
        }
        #expect(!masked.output.contains(Letters.email) && !masked.output.contains("hunter2"))
        for scalar: Unicode.Scalar in ["\u{1B}", "\u{07}", "\u{202E}"] {
            #expect(!masked.output.unicodeScalars.contains(scalar))
        }
        let revealed = try await Program.run(["show", "0:0", "--reveal"] + stage.flags(topic))
        #expect(revealed.output.contains(Letters.email) && !revealed.output.unicodeScalars.contains("\u{1B}"))
    }

    @Test("JSON: values by name, times readable, masked as well", arguments: Stage.Kind.available)
    func json(kind: Stage.Kind) async throws {
        let stage = try await Stage.shared(kind)
        let topic = try await Self.topic(stage)
        let first = try await Program.json(["show", "0:0"] + stage.flags(topic))
        #expect(first["body"]["state"].string == "decoded" && first["body"]["value"]["email"].string == "[email]")
        #expect(first["failure"]["origin"]["topic"].string == "customer.updated")
        #expect(first["failure"]["message"].string == "customer [email] is unknown, token=[secret] refused")
        #expect(!"\(first)".contains(Letters.email))
        let header = first["record"]["headers"].array.first { $0["name"].string == "binary" }
        #expect(header?["value"]["hex"].string == "00ff80" && header?["value"]["bytes"].int == 3)
        let revealed = try await Program.json(["show", "0:0", "--reveal"] + stage.flags(topic))
        #expect(revealed["body"]["value"]["email"].string == Letters.email)

        let conflicts = try await Program.json(["show", "0:4"] + stage.flags(topic))
        #expect(conflicts["body"]["value"]["created_at"].string == "2026-09-21T14:13:20.123Z")
        #expect(conflicts["failure"]["origin"]["offset"].int == 8)
        let text = conflicts["conflicts"].array.compactMap(\.string)
        #expect(text.contains { $0.contains("connect names another origin: other partition 0 offset 9") })
        #expect(text.contains { $0.contains("__dlq.errors.offset stands more than once") })
        #expect(text.contains { $0.contains("gamification.merchant.id cannot be read") })
        #expect(text.contains { $0.contains("smallrye names no complete") })
    }

    @Test("bodies that cannot be decoded: why, where, and which bytes", arguments: Stage.Kind.available)
    func undecodable(kind: Stage.Kind) async throws {
        let stage = try await Stage.shared(kind)
        let topic = try await Self.topic(stage)
        let truncated = try await Program.json(["show", "0:1"] + stage.flags(topic))
        #expect(truncated["body"]["state"].string == "undecodable" && truncated["body"]["byte"].int == 5)
        #expect(truncated["body"]["reason"].string?.contains("event_id") == true)
        #expect(truncated["plan"]["action"].string == "park")
        #expect(truncated["plan"]["reason"].string == "avro.malformed")
        let unknown = try await Program.run(["show", "0:2"] + stage.flags(topic))
        #expect(unknown.output.contains("knows no schema with id 99999") && unknown.output.contains("000000  00 00"))
        // The dump covers what looks like an address as well.
        #expect(!unknown.output.contains("jane.doe") && unknown.output.contains("··"))
        let noBody = try await Program.run(["show", "0:3"] + stage.flags(topic))
        #expect(noBody.output.contains("the value is null"))
        let plain = try await Program.run(["show", "0:0"] + stage.flags(topic, decodes: false))
        #expect(plain.output.contains("not decoded without --schema-registry") && !plain.output.contains("jane"))
        let empty = try await Program.json(["show", "0:6"] + stage.flags(topic))
        #expect(empty["body"]["reason"].string?.contains("0 bytes") == true && empty["record"]["key"].isNull)
    }

    @Test("a header of a megabyte is cut for people, and whole for programs", arguments: Stage.Kind.available)
    func huge(kind: Stage.Kind) async throws {
        let stage = try await Stage.shared(kind)
        let topic = try await Self.topic(stage)
        let text = try await Program.run(["show", "0:5"] + stage.flags(topic))
        #expect(text.exitCode == 0 && text.output.utf8.count < 10_000 && text.output.contains("1.0 MiB"))
        let json = try await Program.json(["show", "0:5"] + stage.flags(topic))
        let header = json["record"]["headers"].array.first { $0["name"].string == "huge" }
        #expect(header?["value"]["text"].string?.utf8.count == 1_048_576)
    }

    @Test("records of other software, byte for byte", arguments: Stage.Kind.available)
    func others(kind: Stage.Kind) async throws {
        let stage = try await Stage.shared(kind)
        for (name, dialect, exception) in [
            ("spring-kafka-4.1", "spring-dlt", "ListenerExecutionFailedException"),
            ("kafka-connect-4.3", "connect", "DataException"),
            ("kafka-streams-4.3", "streams", "IllegalStateException"),
        ] {
            let topic = try await stage.topic("show")
            let letters = try Letters.captured(name)
            try await stage.publish(letters, to: topic)
            for number in letters.indices {
                let shown = try await Program.json(["show", "0:\(number)"] + stage.flags(topic, decodes: false))
                #expect(shown["failure"]["dialect"].string == dialect)
                #expect(shown["failure"]["exception_class"].string?.hasSuffix(exception) == true)
                #expect(shown["record"]["headers"].array.count == letters[number].headers.count)
                #expect(shown["conflicts"].array.isEmpty && !"\(shown)".contains("@example"))
            }
        }
    }
}
