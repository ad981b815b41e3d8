import Testing

@testable import Avro

@Suite struct DecoderTests {
    static let everything = """
        {"type":"record","name":"Everything","fields":[
          {"name":"n","type":"null"},{"name":"b","type":"boolean"},{"name":"i","type":"int"},{"name":"l","type":"long"},
          {"name":"f","type":"float"},{"name":"d","type":"double"},{"name":"bs","type":"bytes"},{"name":"s","type":"string"},
          {"name":"fx","type":{"type":"fixed","name":"Fx","size":3}},
          {"name":"e","type":{"type":"enum","name":"E","symbols":["A","B","C"]}},
          {"name":"a","type":{"type":"array","items":"int"}},{"name":"m","type":{"type":"map","values":"string"}},
          {"name":"u","type":["null","string","Everything"]}]}
        """

    static let value: AvroValue = .record([
        .null, .boolean(true), .int(-65), .long(.min), .float(1.5), .double(-0.0), .bytes([0, 255]), .string("näh ☃"),
        .fixed([1, 2, 3]), .enumeration("C"), .array([.int(1), .int(.min), .int(.max)]),
        .map([AvroMapEntry(key: "k", value: .string(""))]), .union(branch: 1, .string("a text of more than 15 bytes")),
    ])

    @Test func everyTypeThereAndBack() throws {
        let schema = try AvroSchema.parse(Self.everything)
        let bytes = try AvroEncoder(schema: schema).encode(Self.value)
        #expect(try AvroDecoder(schema: schema).decode(bytes) == Self.value)
        for count in 0..<bytes.count {
            let error = #expect(throws: AvroDecodingError.self) {
                try AvroDecoder(schema: schema).decode(Array(bytes.prefix(count)))
            }
            #expect(error?.fault == .endOfInput)
        }
        let trailing = #expect(throws: AvroDecodingError.self) { try AvroDecoder(schema: schema).decode(bytes + [0]) }
        #expect(trailing?.fault == .trailingBytes && trailing?.offset == bytes.count)
    }

    /// Bytes, schema, the fault, and where.
    @Test(
        arguments: [
            (#""int""#, [0x80], AvroFault.endOfInput, 0),
            (#""int""#, [0x80, 0x00], .varintOverlong, 0),
            (#""int""#, [0xFF, 0xFF, 0xFF, 0xFF, 0x1F], .integerOutOfRange, 0),
            (#""long""#, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02], .varintOverlong, 0),
            (#""long""#, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], .varintOverlong, 0),
            (#""boolean""#, [2], .booleanNotZeroOrOne, 0),
            (#""string""#, [0x01], .negativeLength, 0),
            (#""string""#, [0x08, 0x61], .endOfInput, 0),
            (#""bytes""#, [0xFE, 0xFF, 0xFF, 0xFF, 0x0F], .lengthLimit, 0),
            (#""string""#, [0x02, 0xFF], .invalidUTF8, 0),
            (#""string""#, [0x06, 0xED, 0xA0, 0x80], .invalidUTF8, 0),
            (#""string""#, [0x04, 0xC0, 0x80], .invalidUTF8, 0),
            (#""string""#, [0x08, 0xF4, 0x90, 0x80, 0x80], .invalidUTF8, 0),
            (#""string""#, [0x04, 0xE2, 0x98], .invalidUTF8, 0),
            (#"{"type":"enum","name":"E","symbols":["A"]}"#, [2], .enumIndexOutOfRange, 0),
            (#"{"type":"enum","name":"E","symbols":["A"]}"#, [1], .enumIndexOutOfRange, 0),
            (#"["null","int"]"#, [4], .unionBranchOutOfRange, 0),
            (#"["null","int"]"#, [1], .unionBranchOutOfRange, 0),
            ("[]", [0], .unionBranchOutOfRange, 0),
            (#"{"type":"array","items":"int"}"#, [0x03, 0x06, 0x02, 0x04, 0x00], .blockSizeWrong, 4),
            (#"{"type":"array","items":"int"}"#, [0x03, 0x03, 0x02, 0x04, 0x00], .negativeLength, 0),
            (
                #"{"type":"array","items":"int"}"#,
                [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0x00], .blockCountInvalid, 0
            ),
            (#"{"type":"array","items":"int"}"#, [0xFE, 0xFF, 0xFF, 0xFF, 0x0F], .endOfInput, 0),
            (#"{"type":"array","items":"null"}"#, [0xFE, 0xFF, 0xFF, 0xFF, 0x0F, 0x00], .itemLimit, 5),
            (#"{"type":"map","values":"null"}"#, [0x04, 0x00], .endOfInput, 0),
        ] as [(String, [UInt8], AvroFault, Int)])
    func refuses(text: String, bytes: [UInt8], fault: AvroFault, offset: Int) throws {
        let schema = try AvroSchema.parse(text)
        let error = #expect(throws: AvroDecodingError.self) { try AvroDecoder(schema: schema).decode(bytes) }
        #expect(error?.fault == fault && error?.offset == offset, "\(error?.description ?? "")")
        let again = #expect(throws: AvroDecodingError.self) {
            try project(AvroProjection(schema: schema, fields: []), bytes)
        }
        #expect(again == error)
    }

    @Test func blocksWithTheirSizeAreRead() throws {
        let schema = try AvroSchema.parse(#"{"type":"array","items":"int"}"#)
        let bytes: [UInt8] = [0x03, 0x04, 0x02, 0x04, 0x02, 0x06, 0x00]
        #expect(try AvroDecoder(schema: schema).decode(bytes) == .array([.int(1), .int(2), .int(3)]))
    }

    @Test func errorsNameTheFieldAndNeverItsContents() throws {
        let schema = try AvroSchema.parse(
            """
            {"type":"record","name":"Order","fields":[{"name":"lines","type":{"type":"array","items":
              {"type":"record","name":"Line","fields":[{"name":"notes","type":{"type":"map","values":"string"}}]}}}]}
            """)
        let key: [UInt8] = [0x0C] + Array("secret".utf8)
        let bytes: [UInt8] = [0x04, 0x00, 0x02] + key + [0x04, 0x41, 0xFF]
        let error = #expect(throws: AvroDecodingError.self) { try AvroDecoder(schema: schema).decode(bytes) }
        #expect(error?.path == "lines[1].notes[0]")
        #expect(error?.description == "malformed Avro: a string is not UTF-8, at byte 10, in lines[1].notes[0]")
    }

    @Test func recursionEndsAtTheDepthLimit() throws {
        let list = try AvroSchema.parse(
            #"{"type":"record","name":"L","fields":[{"name":"next","type":["null","L"]}]}"#)
        let limits = AvroLimits(depth: 10, length: 100, baseItems: 100, itemsPerByte: 4)
        let decoder = AvroDecoder(schema: list, limits: limits)
        let projection = AvroProjection(schema: list, fields: ["next"], limits: limits)
        for length in 1...12 {
            let bytes = Array(repeating: UInt8(2), count: length - 1) + [0]
            if length <= 10 {
                _ = try decoder.decode(bytes)
                #expect(try project(projection, bytes)[0] == (length == 1 ? .null : .other))
            } else {
                let error = #expect(throws: AvroDecodingError.self) { try decoder.decode(bytes) }
                #expect(error?.fault == .depthLimit)
                #expect(throws: AvroDecodingError.self) { try project(projection, bytes) }
            }
        }
        // No value of this one is finite, and each takes no bytes.
        let endless = try AvroSchema.parse(#"{"type":"record","name":"L","fields":[{"name":"next","type":"L"}]}"#)
        let error = #expect(throws: AvroDecodingError.self) { try AvroDecoder(schema: endless).decode([]) }
        #expect(error?.fault == .depthLimit)
    }

    /// A few hundred bytes of schema stand for 2⁴⁰ values in no bytes of data.
    @Test func valuesOfNoBytesCannotMultiply() throws {
        var text = #"{"type":"record","name":"R30","fields":[]}"#
        for level in (0..<30).reversed() {
            text = """
                {"type":"record","name":"R\(level)","fields":[{"name":"a","type":\(text)},{"name":"b","type":"R\(level + 1)"}]}
                """
        }
        let schema = try AvroSchema.parse(text)
        let error = #expect(throws: AvroDecodingError.self) { try AvroDecoder(schema: schema).decode([]) }
        #expect(error?.fault == .itemLimit)
        #expect(throws: AvroDecodingError.self) { try project(AvroProjection(schema: schema, fields: ["a"]), []) }
    }

    @Test func datumsThatFollowEachOther() throws {
        let decoder = AvroDecoder(schema: try AvroSchema.parse("\"string\""))
        let bytes: [UInt8] = [0x02, 0x41, 0x00, 0x02, 0x42]
        var offset = 0
        var texts: [AvroValue] = []
        while offset < bytes.count {
            let (value, count) = try bytes.withUnsafeBytes { try decoder.decodePrefix(.init(rebasing: $0[offset...])) }
            texts.append(value)
            offset += count
        }
        #expect(texts == [.string("A"), .string(""), .string("B")])
    }
}
