import Testing

@testable import Avro

@Suite struct ProjectionTests {
    private static let id = "6f1e1d0a-7d7e-4c1d-9d57-3a1f0a9a0b11"

    private func text(_ field: AvroProjectedField, _ bytes: [UInt8]) -> String? {
        guard case .text(let start, let count) = field else { return nil }
        return String(decoding: bytes[start..<start + count], as: UTF8.self)
    }

    @Test func findsTheFieldsOfAnEvent() throws {
        let schema = try SchemaFiles.schema("points.earned")
        let value: AvroValue = .record([
            .string(Self.id), .string("customer"), .string(""), .long(-5), .union(branch: 1, .long(1_700_000_000_123)),
            .union(branch: 0, .null),
        ])
        let bytes = try AvroEncoder(schema: schema).encode(value)
        let projection = AvroProjection(
            schema: schema, fields: ["trace_id", "event_id", "merchant_id", "created_at", "nothing", "points"])
        let fields = try project(projection, bytes)
        #expect(fields[0] == .null)
        #expect(text(fields[1], bytes) == Self.id)
        #expect(text(fields[2], bytes) == "")
        #expect(fields[3] == .timestamp(milliseconds: 1_700_000_000_123))
        #expect(fields[4] == .absent)
        #expect(fields[5] == .integer(-5))
    }

    @Test func fieldsOfTheLastRecordDoNotStay() throws {
        let schema = try AvroSchema.parse(
            """
            [{"type":"record","name":"A","fields":[{"name":"x","type":"int"},{"name":"only_a","type":"int"}]},
             {"type":"record","name":"B","fields":[{"name":"pad","type":"double"},{"name":"x","type":"string"}]}, "null"]
            """)
        let projection = AvroProjection(schema: schema, fields: ["x", "only_a"])
        var fields = projection.makeFields()
        let encoder = AvroEncoder(schema: schema)
        for (value, expected) in [
            (AvroValue.union(branch: 0, .record([.int(1), .int(2)])), [.integer(1), .integer(2)]),
            (.union(branch: 1, .record([.double(0), .string("b")])), [.text(start: 10, count: 1), .absent]),
            (.union(branch: 2, .null), [.absent, .absent]),
        ] as [(AvroValue, [AvroProjectedField])] {
            let bytes = try encoder.encode(value)
            try bytes.withUnsafeBytes { try projection.project($0, into: &fields) }
            #expect(fields.values == expected)
        }
    }

    @Test func timestampsCountInMilliseconds() throws {
        for (micros, millis) in [(1_999, 1), (-1, -1), (-1_000, -1), (-1_001, -2), (Int64.min, -9_223_372_036_854_776)]
        {
            let schema = try AvroSchema.parse(
                #"{"type":"record","name":"R","fields":[{"name":"t","type":{"type":"long","logicalType":"timestamp-micros"}}]}"#
            )
            let bytes = try AvroEncoder(schema: schema).encode(.record([.long(Int64(micros))]))
            let fields = try project(AvroProjection(schema: schema, fields: ["t"]), bytes)
            #expect(fields[0] == .timestamp(milliseconds: Int64(millis)))
        }
    }

    @Test func otherTypesAreCheckedAndNotKept() throws {
        let schema = try AvroSchema.parse(DecoderTests.everything)
        let bytes = try AvroEncoder(schema: schema).encode(DecoderTests.value)
        let names = ["n", "b", "i", "l", "f", "d", "bs", "s", "fx", "e", "a", "m", "u"]
        let fields = try project(AvroProjection(schema: schema, fields: names), bytes)
        #expect(fields[0] == .null && fields[2] == .integer(-65) && fields[3] == .integer(.min))
        for index in [1, 4, 5, 9, 10, 11] { #expect(fields[index] == .other) }
        #expect(text(fields[7], bytes) == "näh ☃")
        if case .bytes(let start, let count) = fields[8] { #expect(Array(bytes[start..<start + count]) == [1, 2, 3]) }
        #expect(text(fields[12], bytes) == "a text of more than 15 bytes")
    }
}
