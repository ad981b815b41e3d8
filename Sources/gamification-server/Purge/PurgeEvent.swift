import Avro
import Kafka
import Postgres

/// The request that admin-service purges its archive, on the topic `audit_log`. It holds no token.
struct PurgeEvent {
    static let topic = "audit_log"
    private static let noTrace = "00000000000000000000000000000000"
    private let encoder: AvroEncoder

    init() throws { encoder = AvroEncoder(schema: try AvroSchema.parse(EventSchemas.auditLog)) }

    /// The same bytes for the same request, whoever sends it.
    func record(_ request: PurgeRequest, schemaID: Int32) throws(AvroEncodingError) -> OutgoingRecord {
        var bytes: [UInt8] = []
        ConfluentFraming.appendHeader(schemaID: schemaID, to: &bytes)
        let merchant = request.merchant.description
        try encoder.encode(
            .record([
                .string(request.eventID.description), .string(merchant), .long(request.requestedMilliseconds),
                .string(request.traceID ?? Self.noTrace),
            ]), into: &bytes)
        return OutgoingRecord(key: Array(merchant.utf8), value: bytes)
    }
}
