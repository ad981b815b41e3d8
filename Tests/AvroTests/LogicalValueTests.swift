import Testing

@testable import Avro

@Suite struct LogicalValueTests {
    private func node(_ text: String) throws -> AvroNode {
        let schema = try AvroSchema.parse(text)
        return schema[schema.root]
    }

    @Test(
        arguments: [
            ([], 0, "0"), ([0x00], 2, "0.00"), ([0x01], 0, "1"), ([0xFF], 2, "-0.01"), ([0x04, 0xD2], 2, "12.34"),
            ([0xFB, 0x2E], 2, "-12.34"), ([0x80], 0, "-128"), ([0x00, 0x00, 0x80], 0, "128"),
            ([0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], 3, "604462909807314587353.087"),
        ] as [([UInt8], Int, String)])
    func decimals(bytes: [UInt8], scale: Int, expected: String) {
        #expect(AvroDecimal(twosComplement: bytes, scale: scale).description == expected)
    }

    @Test func decimalsOfIntegersAndBack() throws {
        for integer in [0, 1, -1, 127, 128, -128, -129, 1_234_567, Int64.max, Int64.min] {
            let decimal = AvroDecimal(integer, scale: 4)
            #expect(decimal.integer == integer)
            #expect(decimal.bytes(fixed: 12).map { AvroDecimal(twosComplement: $0, scale: 4) } == decimal)
        }
        #expect(AvroDecimal(128, scale: 0).bytes(fixed: 1) == nil)
        #expect(AvroDecimal(twosComplement: Array(repeating: 1, count: 9), scale: 0).integer == nil)
        #expect(
            AvroDecimal(twosComplement: Array(repeating: 1, count: 1_000_000), scale: 0).description
                == "decimal of 1000000 bytes")
    }

    @Test(arguments: [
        (#"{"type":"int","logicalType":"date"}"#, AvroValue.int(0), "1970-01-01"),
        (#"{"type":"int","logicalType":"date"}"#, .int(19_782), "2024-02-29"),
        (#"{"type":"int","logicalType":"date"}"#, .int(-719_529), "-0001-12-31"),
        (#"{"type":"int","logicalType":"date"}"#, .int(2_932_897), "+10000-01-01"),
        (#"{"type":"int","logicalType":"time-millis"}"#, .int(45_296_007), "12:34:56.007"),
        (#"{"type":"long","logicalType":"time-micros"}"#, .long(86_399_999_999), "23:59:59.999999"),
        (#"{"type":"long","logicalType":"timestamp-millis"}"#, .long(1_700_000_000_123), "2023-11-14T22:13:20.123Z"),
        (#"{"type":"long","logicalType":"timestamp-millis"}"#, .long(-1), "1969-12-31T23:59:59.999Z"),
        (#"{"type":"long","logicalType":"timestamp-micros"}"#, .long(1), "1970-01-01T00:00:00.000001Z"),
        (#"{"type":"long","logicalType":"local-timestamp-millis"}"#, .long(0), "1970-01-01T00:00:00"),
        (#"{"type":"long","logicalType":"local-timestamp-micros"}"#, .long(-1), "1969-12-31T23:59:59.999999"),
        (#"{"type":"string","logicalType":"uuid"}"#, .string("not checked"), "not checked"),
        (
            #"{"type":"fixed","name":"D","size":12,"logicalType":"duration"}"#,
            .fixed([2, 0, 0, 0, 3, 0, 0, 0, 0xA5, 0x0F, 0, 0]), "P2M3DT4.005S"
        ),
        (#"{"type":"bytes","logicalType":"decimal","precision":6,"scale":2}"#, .bytes([0x04, 0xD2]), "12.34"),
        (
            #"{"type":"fixed","name":"F","size":3,"logicalType":"decimal","precision":6,"scale":1}"#,
            .fixed([0xFF, 0xFF, 0xF6]), "-1.0"
        ),
    ])
    func meaningsAndBack(schema: String, value: AvroValue, expected: String) throws {
        let node = try node(schema)
        let logical = try #require(AvroLogicalValue(value, node))
        #expect(logical.description == expected)
        #expect(logical.value(node) == value)
        #expect(logical.value(try self.node(#""int""#)) == nil)
    }

    /// Every number is some date or time: none may stop the program. Milliseconds that microseconds cannot count stay a
    /// number.
    @Test func extremes() throws {
        for (text, values) in [
            (#"{"type":"int","logicalType":"date"}"#, [AvroValue.int(.min), .int(.max)]),
            (#"{"type":"int","logicalType":"time-millis"}"#, [.int(.min), .int(.max)]),
            (#"{"type":"long","logicalType":"time-micros"}"#, [.long(.min), .long(.max)]),
            (#"{"type":"long","logicalType":"timestamp-millis"}"#, [.long(.min / 1_000), .long(.max / 1_000)]),
            (#"{"type":"long","logicalType":"timestamp-micros"}"#, [.long(.min), .long(.max)]),
        ] {
            let schema = try AvroSchema.parse(text)
            for value in values {
                let logical = try #require(AvroLogicalValue(value, schema[schema.root]))
                #expect(logical.description.count > 4)
            }
        }
        for type in ["timestamp-millis", "local-timestamp-millis"] {
            let schema = try AvroSchema.parse(#"{"type":"long","logicalType":"\#(type)"}"#)
            for number in [Int64.min, .min / 1_000 - 1, .max / 1_000 + 1, .max] {
                #expect(AvroLogicalValue(.long(number), schema[schema.root]) == nil)
            }
        }
    }
}
