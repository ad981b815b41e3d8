import Avro
import Kafka
import Postgres

/// The records of an award, made of its row alone, so that the sweeper's are byte for byte those of the call.
struct AwardEvents {
    /// An award as its row has it.
    struct Row: Sendable {
        let merchant: String
        let customer: String
        let badge: String
        let eventID: PostgresUUID
        /// The id of the `badge.task`, which follows from the others.
        let taskID: PostgresUUID
        let locale: String
        /// Milliseconds since 1970.
        let awardedAt: Int64
        /// 32 hexadecimal digits; nil where it was purged.
        let traceID: String?
    }

    /// Version of the award's fields, in events and cached values.
    static let schemaVersion: Int32 = 1
    private static let traceparent = HeaderName("traceparent")

    private let schemas: ProducedSchemas

    /// Records with these schema ids.
    init(_ schemas: ProducedSchemas) { self.schemas = schemas }

    /// The records of one award.
    struct Records {
        /// Of `badge.awarded`.
        let awarded: OutgoingRecord
        /// Of `badge.task`.
        let task: OutgoingRecord
        /// Of `cache.invalidate`, by which other services forget what they have cached of the award.
        let invalidation: OutgoingRecord
    }

    /// Makes them.
    func records(_ row: Row) -> Records {
        let customer = Array(row.customer.utf8)
        let headers = Self.headers(row)
        func record(_ body: borrowing AvroOutput, key: [UInt8]) -> OutgoingRecord {
            OutgoingRecord(key: key, value: body.withBytes { Array($0) }, headers: headers, timestamp: row.awardedAt)
        }
        let cached = "badge:\(row.merchant):\(row.customer):\(row.badge)"
        return Records(
            awarded: record(awarded(row), key: customer), task: record(task(row), key: customer),
            invalidation: record(invalidation(row, cached), key: Array(cached.utf8)))
    }

    private func awarded(_ row: Row) -> AvroOutput {
        var body = Self.begin(schemas.badgeAwarded)
        body.append(row.eventID.description)
        body.append(row.merchant)
        body.append(row.customer)
        body.append(row.badge)
        body.append(long: Int64(Self.schemaVersion))
        body.append(row.locale)
        body.append(long: row.awardedAt)
        body.append(row.traceID ?? "")
        return body
    }

    private func task(_ row: Row) -> AvroOutput {
        var body = Self.begin(schemas.badgeTask)
        body.append(row.taskID.description)
        body.append(row.merchant)
        body.append(row.customer)
        body.append(EventIDs.notification)
        body.append(row.locale)
        body.append(long: row.awardedAt)
        body.append(row.traceID ?? "")
        return body
    }

    private func invalidation(_ row: Row, _ cached: String) -> AvroOutput {
        var body = Self.begin(schemas.cacheInvalidate)
        body.append(cached)
        body.append(row.merchant)
        body.append("badge")
        body.append(row.locale)
        body.append(long: row.awardedAt)
        return body
    }

    private static func begin(_ schema: Int32) -> AvroOutput {
        var body = AvroOutput(capacity: 320)
        body.append(0)
        withUnsafeBytes(of: schema.bigEndian) { body.append($0) }
        return body
    }

    private static func headers(_ row: Row) -> [(name: HeaderName, value: [UInt8]?)] {
        guard let trace = row.traceID, trace.utf8.count == 32 else { return [] }
        // The span is the award itself, by the first half of its id: the same whoever publishes it.
        var value: [UInt8] = []
        value.reserveCapacity(55)
        value.append(contentsOf: "00-".utf8)
        value.append(contentsOf: trace.utf8)
        value.append(UInt8(ascii: "-"))
        for shift in stride(from: 60 as UInt64, through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: row.eventID.high >> shift) & 15
            value.append(digit < 10 ? digit + UInt8(ascii: "0") : digit - 10 + UInt8(ascii: "a"))
        }
        value.append(contentsOf: "-01".utf8)
        return [(traceparent, value)]
    }
}
