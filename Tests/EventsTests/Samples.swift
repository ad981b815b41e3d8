import Avro
import Events
import Foundation
import SchemaRegistry

/// Events as the tests write them, with the schemas of `schemas/`.
enum Samples {
    static let event = "01234567-89ab-cdef-fedc-ba9876543210"
    static let merchant = "11111111-2222-4333-8444-555555555555"
    static let customer = "AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEEE"
    static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    static let time: Int64 = 1_790_000_001_000

    /// `PointsEarned` as it was before `created_at` and `trace_id`.
    static let oldPointsEarned = """
        {"type": "record", "name": "PointsEarned", "namespace": "gamification.v1", "fields": [
          {"name": "event_id", "type": {"type": "string", "logicalType": "uuid"}},
          {"name": "customer_id", "type": {"type": "string", "logicalType": "uuid"}},
          {"name": "merchant_id", "type": {"type": "string", "logicalType": "uuid"}},
          {"name": "points", "type": "long"}]}
        """

    static func text(of type: EventType) throws -> String {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../schemas")
        return try String(contentsOf: folder.appending(path: "\(type.topic).avsc").standardizedFileURL, encoding: .utf8)
    }

    static func registered(_ id: Int32, _ text: String) -> SchemaLookup {
        .schema(RegisteredSchema(id: id, text: text, references: []))
    }

    static func framed(_ id: Int32, _ text: String, _ value: AvroValue) throws -> [UInt8] {
        let datum = try AvroEncoder(schema: AvroSchema.parse(text)).encode(value)
        return ConfluentFraming.make(schemaID: id, datum: datum)
    }

    /// A valid value of a type's schema, with these ids.
    static func value(
        _ type: EventType, event: String = event, merchant: String = merchant, customer: String = customer
    ) -> AvroValue {
        let optionalTime = AvroValue.union(branch: 1, .long(time))
        let optionalTrace = AvroValue.union(branch: 1, .string(trace))
        return switch type {
        case .pointsEarned:
            .record([.string(event), .string(customer), .string(merchant), .long(7), optionalTime, optionalTrace])
        case .customerUpdated:
            .record([
                .string(event), .string(customer), .string(merchant), .string("jane@example.com"), .string("en"),
                optionalTime, optionalTrace,
            ])
        case .badgeAwarded:
            .record([
                .string(event), .string(merchant), .string(customer), .string("early_bird"), .int(1),
                .string("en"), .long(time), .string(trace),
            ])
        case .badgeTask:
            .record([
                .string(event), .string(merchant), .string(customer), .string("badge_awarded_notification"),
                .string("en"), .long(time), .string(trace),
            ])
        case .cacheInvalidate:
            .record([
                .string("translations:a:en"), .string(merchant), .string("translation"), .string("en"), .long(time),
            ])
        }
    }
}

extension EventDecoder {
    mutating func decode(_ bytes: [UInt8]?, origin: EventType? = nil, header: EventType? = nil) -> EventVerdict {
        guard let bytes else { return decode(nil as UnsafeRawBufferPointer?, origin: origin, header: header) }
        return bytes.withUnsafeBytes { decode($0, origin: origin, header: header) }
    }
}

extension EventVerdict {
    var fields: EventFields? {
        switch self {
        case .event(let fields), .invalid(_, let fields): fields
        default: nil
        }
    }

    var reason: InvalidEvent? {
        if case .invalid(let reason, _) = self { reason } else { nil }
    }

    var isMalformed: Bool {
        if case .malformed = self { true } else { false }
    }
}
