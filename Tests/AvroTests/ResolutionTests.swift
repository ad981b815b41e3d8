import Testing

@testable import Avro

@Suite struct ResolutionTests {
    private func read(_ value: AvroValue, _ writer: String, as reader: String) throws -> AvroValue {
        let schema = try AvroSchema.parse(writer)
        let bytes = try AvroEncoder(schema: schema).encode(value)
        return try AvroResolver(writer: schema, reader: try AvroSchema.parse(reader)).decode(bytes)
    }

    private func reasons(_ writer: String, _ reader: String) throws -> [AvroIncompatibility] {
        AvroCompatibility.reasons(reader: try AvroSchema.parse(reader), cannotRead: try AvroSchema.parse(writer))
    }

    @Test(arguments: [
        (AvroValue.int(-7), "int", "long", AvroValue.long(-7)),
        (.int(7), "int", "float", .float(7)), (.int(7), "int", "double", .double(7)),
        (.long(1 << 40), "long", "float", .float(1_099_511_627_776)), (.long(-1), "long", "double", .double(-1)),
        (.float(1.5), "float", "double", .double(1.5)),
        (.string("né"), "string", "bytes", .bytes(Array("né".utf8))),
        (.bytes(Array("né".utf8)), "bytes", "string", .string("né")),
    ])
    func promotions(value: AvroValue, writer: String, reader: String, expected: AvroValue) throws {
        #expect(try read(value, "\"\(writer)\"", as: "\"\(reader)\"") == expected)
    }

    @Test func bytesThatAreNoTextCannotBecomeText() throws {
        let error = #expect(throws: AvroDecodingError.self) { try read(.bytes([0xFF]), #""bytes""#, as: #""string""#) }
        #expect(error?.fault == .invalidUTF8)
    }

    @Test func fieldsByNameAliasAndDefault() throws {
        let writer = #"""
            {"type":"record","name":"old.Event","fields":[{"name":"skipped","type":{"type":"map","values":"string"}},
             {"name":"b","type":"int"},{"name":"was","type":"string"},{"name":"a","type":"int"}]}
            """#
        let reader = #"""
            {"type":"record","name":"new.Renamed","aliases":["old.Event"],"fields":[{"name":"a","type":"long"},
             {"name":"is","aliases":["is_not","was"],"type":["null","string"],"default":null},{"name":"b","type":"double"},
             {"name":"added","type":{"type":"array","items":"int"},"default":[1,2]}]}
            """#
        let value: AvroValue = .record([
            .map([AvroMapEntry(key: "k", value: .string("v"))]), .int(2), .string("text"), .int(1),
        ])
        #expect(
            try read(value, writer, as: reader)
                == .record([.long(1), .union(branch: 1, .string("text")), .double(2), .array([.int(1), .int(2)])]))
    }

    @Test func unions() throws {
        #expect(try read(.int(1), #""int""#, as: #"["null","long","int"]"#) == .union(branch: 2, .int(1)))
        #expect(try read(.int(1), #""int""#, as: #"["null","double"]"#) == .union(branch: 1, .double(1)))
        #expect(try read(.union(branch: 1, .int(1)), #"["null","int"]"#, as: #""long""#) == .long(1))
        let error = #expect(throws: AvroDecodingError.self) {
            try read(.union(branch: 0, .null), #"["null","int"]"#, as: #""long""#)
        }
        #expect(error?.fault == .noReaderBranch)
        #expect(
            try read(.union(branch: 1, .int(1)), #"["null","int"]"#, as: #"["string","long","null"]"#)
                == .union(branch: 1, .long(1)))
    }

    @Test func enums() throws {
        let writer = #"{"type":"enum","name":"E","symbols":["A","B"]}"#
        let reader = #"{"type":"enum","name":"E","symbols":["B","X"],"default":"X"}"#
        #expect(try read(.enumeration("A"), writer, as: reader) == .enumeration("X"))
        #expect(try read(.enumeration("B"), writer, as: reader) == .enumeration("B"))
        let strict = #"{"type":"enum","name":"E","symbols":["B"]}"#
        let error = #expect(throws: AvroDecodingError.self) { try read(.enumeration("A"), writer, as: strict) }
        #expect(error?.fault == .noReaderSymbol)
    }

    @Test func recursiveRecords() throws {
        let writer =
            #"{"type":"record","name":"L","fields":[{"name":"v","type":"int"},{"name":"next","type":["null","L"]}]}"#
        let reader =
            #"{"type":"record","name":"L","fields":[{"name":"next","type":["null","L"]},{"name":"v","type":"long"}]}"#
        let value: AvroValue = .record([.int(1), .union(branch: 1, .record([.int(2), .union(branch: 0, .null)]))])
        #expect(
            try read(value, writer, as: reader)
                == .record([.union(branch: 1, .record([.union(branch: 0, .null), .long(2)])), .long(1)]))
    }

    @Test func skippedFieldsAreChecked() throws {
        let writer = try AvroSchema.parse(#"{"type":"record","name":"R","fields":[{"name":"x","type":"string"}]}"#)
        let resolver = try AvroResolver(
            writer: writer, reader: try AvroSchema.parse(#"{"type":"record","name":"R","fields":[]}"#))
        #expect(try resolver.decode([0x02, 0x41]) == .record([]))
        let error = #expect(throws: AvroDecodingError.self) { try resolver.decode([0x02, 0xFF]) }
        #expect(error?.fault == .invalidUTF8 && error?.path == "x")
        #expect(throws: AvroDecodingError.self) { try resolver.decode([0x02, 0x41, 0x00]) }
    }

    @Test func everyReasonIsListed() throws {
        let writer = #"""
            {"type":"record","name":"R","fields":[{"name":"a","type":"string"},{"name":"b","type":{"type":"array","items":"long"}},
             {"name":"e","type":{"type":"enum","name":"E","symbols":["A","B"]}},{"name":"f","type":{"type":"fixed","name":"F","size":2}},
             {"name":"u","type":["null","int"]},{"name":"d","type":{"type":"bytes","logicalType":"decimal","precision":4,"scale":2}}]}
            """#
        let reader = #"""
            {"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"b","type":{"type":"array","items":"int"}},
             {"name":"e","type":{"type":"enum","name":"E","symbols":["A"]}},{"name":"f","type":{"type":"fixed","name":"F","size":3}},
             {"name":"u","type":"int"},{"name":"d","type":{"type":"bytes","logicalType":"decimal","precision":4,"scale":1}},
             {"name":"new","type":"int"}]}
            """#
        let found = try reasons(writer, reader)
        #expect(
            found.map(\.description) == [
                "R: the writer has no field new, and the reader gives it no default",
                "R.a: the writer's string cannot be read as int",
                "R.b[]: the writer's long cannot be read as int",
                "R.e: the reader lacks B and has no default",
                "R.f: 2 bytes written, 3 read",
                "R.u: the writer's null cannot be read as int",
                "R.d: a decimal of precision 4 and scale 2 written, of precision 4 and scale 1 read",
            ])
        #expect(found.map(\.isConditional) == [false, false, false, true, false, true, false])
        let error = #expect(throws: AvroResolutionError.self) {
            try AvroResolver(writer: try AvroSchema.parse(writer), reader: try AvroSchema.parse(reader))
        }
        #expect(error?.reasons.count == 5)
    }

    @Test func namesMustFit() throws {
        let one = #"{"type":"record","name":"n.One","fields":[]}"#
        #expect(try reasons(one, #"{"type":"record","name":"m.One","fields":[]}"#).isEmpty)
        #expect(try reasons(one, #"{"type":"record","name":"Two","fields":[]}"#).count == 1)
        #expect(try reasons(one, #"{"type":"record","name":"Two","aliases":["n.One"],"fields":[]}"#).isEmpty)
        #expect(try reasons(#""string""#, #"["null","int"]"#).map(\.reason) == [.missingBranch(writer: "string")])
        #expect(try reasons(#"["string","null"]"#, #"["int","long"]"#).count == 3)
    }

    @Test(arguments: SchemaFiles.topics) func everySchemaReadsItself(topic: String) throws {
        let schema = try SchemaFiles.schema(topic)
        #expect(AvroCompatibility.canRead(reader: schema, writer: schema))
    }

    /// Each record has the next one twice: 2⁶⁰ pairs of paths, but only 60 pairs of types.
    @Test func sharedTypesAreComparedOnce() throws {
        func schema(_ last: String) -> String {
            var text = #"{"type":"record","name":"R30","fields":[{"name":"x","type":"\#(last)"}]}"#
            for level in (0..<30).reversed() {
                text = """
                    {"type":"record","name":"R\(level)","fields":[{"name":"a","type":\(text)},{"name":"b","type":"R\(level + 1)"}]}
                    """
            }
            return text
        }
        #expect(try reasons(schema("int"), schema("int")).isEmpty)
        #expect(try reasons(schema("int"), schema("string")).count == 1)
        #expect(throws: AvroResolutionError.self) {
            try AvroResolver(
                writer: try AvroSchema.parse(schema("int")), reader: try AvroSchema.parse(schema("string")))
        }
    }
}
