import Foundation
import Kafka
import KafkaTestSupport
import Lifecycle
import TestSupport

/// Dead letters as several programs write them, byte for byte.
enum Letters {
    static let merchant = "7a9d0c8e-0b5f-4a53-9d0c-000000000001"
    static let customer = "7a9d0c8e-0b5f-4a53-9d0c-00000000c001"
    static let email = "jane.doe@example.com"

    private static func number(_ value: Int64) -> [UInt8] {
        var rest = UInt64(bitPattern: value << 1 ^ value >> 63)
        var bytes: [UInt8] = []
        while rest > 0x7F {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    private static func text(_ text: String) -> [UInt8] { number(Int64(text.utf8.count)) + Array(text.utf8) }

    /// Confluent framing.
    static func framed(_ id: Int32, _ datum: [UInt8]) -> [UInt8] {
        [0] + withUnsafeBytes(of: id.bigEndian) { Array($0) } + datum
    }

    /// A `points.earned` event, with `created_at` where one is given.
    static func points(_ event: Int, createdAt: Int64? = nil) -> [UInt8] {
        text(eventID(event)) + text(customer) + text(merchant) + number(25)
            + (createdAt.map { number(1) + number($0) } ?? number(0)) + number(0)
    }

    static func customerUpdated(_ event: Int) -> [UInt8] {
        text(eventID(event)) + text(customer) + text(merchant) + text(email) + text("de") + number(0) + number(0)
    }

    static func eventID(_ number: Int) -> String {
        let digits = String(number)
        return "7a9d0c8e-0b5f-4a53-9d0c-" + String(repeating: "0", count: 12 - digits.count) + digits
    }

    /// Our own headers of an origin and a failure.
    static func headers(
        topic: String = "points.earned", offset: Int, code: String?, more: [(String, [UInt8]?)] = []
    ) -> [(name: HeaderName, value: [UInt8]?)] {
        var headers: [(String, [UInt8]?)] = [
            ("__dlq.errors.topic", Array(topic.utf8)), ("__dlq.errors.partition", Array("2".utf8)),
            ("__dlq.errors.offset", Array("\(offset)".utf8)),
            ("__dlq.errors.message", Array("customer \(email) is unknown, token=hunter2 refused".utf8)),
            ("gamification.first.failed.at", Array("2026-10-30T08:15:30Z".utf8)),
        ]
        if let code { headers.append(("gamification.error.code", Array(code.utf8))) }
        return (headers + more).map { (name: HeaderName($0.0), value: $0.1) }
    }

    static func record(_ value: [UInt8]?, headers: [(name: HeaderName, value: [UInt8]?)]) -> OutgoingRecord {
        OutgoingRecord(
            partition: 0, key: Array(customer.utf8), value: value, headers: headers, timestamp: 1_790_000_000_000)
    }

    /// Publishes records in order; all of them are there when it returns.
    static func publish(_ records: [OutgoingRecord], to topic: String, on brokers: String) async throws {
        let configuration = KafkaConfiguration(
            bootstrapServers: brokers, clientID: "tests", properties: [.init("message.max.bytes", "8000000")])
        try await BlockingExecutor(name: "publish").run { try produce(configuration, topic, records) }
    }

    /// What other software wrote, captured.
    static func captured(_ name: String) throws -> [OutgoingRecord] {
        let path = "\(ServiceHome.packageRoot)/Tests/EventsTests/Fixtures/\(name).jsonl"
        return try readText(path).split(separator: "\n").map { line in
            let letter = try JSON(String(line))
            return OutgoingRecord(
                partition: 0, key: bytes(letter["key"]), value: bytes(letter["value"]),
                headers: letter["headers"].array.map {
                    (name: HeaderName($0[0].string ?? ""), value: bytes($0[1]))
                }, timestamp: letter["timestamp"].int.map { Int64($0) })
        }
    }

    private static func bytes(_ value: JSON) -> [UInt8]? {
        value.string.flatMap { Data(base64Encoded: $0) }.map { Array($0) }
    }
}
