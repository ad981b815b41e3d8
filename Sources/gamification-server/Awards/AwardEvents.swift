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

    /// The record of `badge.awarded`.
    func awarded(_ row: Row) -> OutgoingRecord {
        var body = AvroOutput(capacity: 256)
        Self.head(schemas.badgeAwarded, &body)
        let eventID = row.eventID.description
        for text in [eventID, row.merchant, row.customer, row.badge] { body.append(text) }
        body.append(long: Int64(Self.schemaVersion))
        body.append(row.locale)
        body.append(long: row.awardedAt)
        body.append(row.traceID ?? "")
        return record(row, body)
    }

    /// The record of `badge.task`.
    func task(_ row: Row) -> OutgoingRecord {
        var body = AvroOutput(capacity: 256)
        Self.head(schemas.badgeTask, &body)
        let id = EventIDs.task(merchant: row.merchant, customer: row.customer, badge: row.badge)
        for text in [id.description, row.merchant, row.customer, EventIDs.notification, row.locale] {
            body.append(text)
        }
        body.append(long: row.awardedAt)
        body.append(row.traceID ?? "")
        return record(row, body)
    }

    /// The record of `cache.invalidate`, by which other services forget what they have cached of the award.
    func invalidation(_ row: Row) -> OutgoingRecord {
        var body = AvroOutput(capacity: 256)
        Self.head(schemas.cacheInvalidate, &body)
        let key = "badge:\(row.merchant):\(row.customer):\(row.badge)"
        for text in [key, row.merchant, "badge", row.locale] { body.append(text) }
        body.append(long: row.awardedAt)
        return record(row, body, key: key)
    }

    private static func head(_ schema: Int32, _ body: inout AvroOutput) {
        body.append(0)
        for shift in [24, 16, 8, 0] { body.append(UInt8(truncatingIfNeeded: schema >> Int32(shift))) }
    }

    private func record(_ row: Row, _ body: borrowing AvroOutput, key: String? = nil) -> OutgoingRecord {
        var headers: [(name: HeaderName, value: [UInt8]?)] = []
        if let trace = row.traceID, trace.utf8.count == 32 {
            // The span is the award itself: the same whoever publishes it.
            let span = row.eventID.description.utf8.filter { $0 != UInt8(ascii: "-") }.prefix(16)
            headers.append((Self.traceparent, Array("00-\(trace)-".utf8) + span + Array("-01".utf8)))
        }
        return OutgoingRecord(
            key: Array((key ?? row.customer).utf8), value: body.withBytes { Array($0) }, headers: headers,
            timestamp: row.awardedAt)
    }
}
