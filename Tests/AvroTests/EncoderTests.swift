import Testing

@testable import Avro

@Suite struct EncoderTests {
    /// Value, schema, where it does not fit.
    @Test(arguments: [
        (AvroValue.string("secret"), #""int""#, ""), (.int(1), #""long""#, ""), (.fixed([1]), #""bytes""#, ""),
        (.fixed([1, 2]), #"{"type":"fixed","name":"F","size":3}"#, ""),
        (.enumeration("secret"), #"{"type":"enum","name":"E","symbols":["A"]}"#, ""),
        (.union(branch: 2, .null), #"["null","int"]"#, ""), (.union(branch: -1, .null), #"["null","int"]"#, ""),
        (.int(1), #"["null","int"]"#, ""),
        (.record([]), #"{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}"#, ""),
        (
            .record([.array([.int(1), .string("secret")])]),
            #"{"type":"record","name":"R","fields":[{"name":"a","type":{"type":"array","items":"int"}}]}"#, "a[1]"
        ),
        (
            .map([AvroMapEntry(key: "secret", value: .record([.null]))]),
            #"{"type":"map","values":{"type":"record","name":"R","fields":[{"name":"b","type":"int"}]}}"#, "[0].b"
        ),
    ])
    func refuses(value: AvroValue, text: String, path: String) throws {
        let encoder = AvroEncoder(schema: try AvroSchema.parse(text))
        var bytes: [UInt8] = [9]
        let error = #expect(throws: AvroEncodingError.self) { try encoder.encode(value, into: &bytes) }
        #expect(error?.path == path)
        #expect(error?.description.contains("secret") == false)
        #expect(bytes == [9])
    }

    @Test func integersTakeAsFewBytesAsTheyCan() throws {
        let encoder = AvroEncoder(schema: try AvroSchema.parse(#""long""#))
        for (number, expected) in [
            (0, [0]), (-1, [1]), (63, [0x7E]), (-64, [0x7F]), (64, [0x80, 1]), (-65, [0x81, 1]),
            (Int64.max, [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1]),
            (Int64.min, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1]),
        ] as [(Int64, [UInt8])] {
            #expect(try encoder.encode(.long(number)) == expected)
        }
    }

    @Test func largeValuesGrowTheOutput() throws {
        let schema = try AvroSchema.parse(#"{"type":"array","items":"bytes"}"#)
        let value: AvroValue = .array((0..<200).map { .bytes(Array(repeating: UInt8($0), count: $0 * 37)) })
        let bytes = try AvroEncoder(schema: schema).encode(value)
        #expect(try AvroDecoder(schema: schema).decode(bytes) == value)
    }
}
