import Foundation

@testable import Avro

/// The project's own schemas.
enum SchemaFiles {
    static let topics = [
        "points.earned", "customer.updated", "badge.awarded", "badge.task", "cache.invalidate", "audit_log",
    ]

    static func text(_ topic: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "schemas/\(topic).avsc"), encoding: .utf8)
    }

    static func schema(_ topic: String) throws -> AvroSchema { try AvroSchema.parse(text(topic)) }
}

/// `AvroProjection` over an array, with its fields as text for comparison.
func project(_ projection: AvroProjection, _ bytes: [UInt8]) throws(AvroDecodingError) -> AvroProjectedFields {
    var fields = projection.makeFields()
    let result = bytes.withUnsafeBytes { buffer in
        Result { () throws(AvroDecodingError) in try projection.project(buffer, into: &fields) }
    }
    try result.get()
    return fields
}
