import Testing

@testable import Avro

@Suite struct SchemaParserTests {
    @Test(arguments: SchemaFiles.topics) func ownSchemasParse(topic: String) throws {
        let schema = try SchemaFiles.schema(topic)
        let record = try #require(schema.record)
        #expect(record.named.fullName.hasPrefix("gamification.v1."))
        #expect(record.named.documentation != nil)
        for field in record.fields {
            #expect(field.documentation != nil)
            if field.name.hasSuffix("_id"), field.name != "trace_id" {
                #expect(schema[field.type].logicalType == .uuid)
            }
        }
    }

    @Test func optionalFieldsOfInputsDefaultToNull() throws {
        for topic in ["points.earned", "customer.updated"] {
            let record = try #require(try SchemaFiles.schema(topic).record)
            for name in ["created_at", "trace_id"] {
                let index = try #require(record.index(ofField: name))
                #expect(record.fields[index].defaultValue == .union(branch: 0, .null))
            }
        }
    }

    /// Each is refused, at this place.
    @Test(arguments: [
        ("", ""), ("{", ""), ("17", ""), ("\"strin\"", ""), ("\"string\" x", ""),
        (#"{"type":"record","name":"R"}"#, ""),
        (#"{"type":"record","fields":[]}"#, ""),
        (#"{"type":"record","name":"1R","fields":[]}"#, ""),
        (#"{"type":"record","name":"a..R","fields":[]}"#, ""),
        (#"{"type":"record","name":"string","fields":[]}"#, ""),
        (#"{"type":"record","name":"R","namespace":"a-b","fields":[]}"#, ""),
        (#"{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"a","type":"int"}]}"#, "/fields/1"),
        (#"{"type":"record","name":"R","fields":[{"name":"a b","type":"int"}]}"#, "/fields/0"),
        (#"{"type":"record","name":"R","fields":[{"name":"a","type":"nt"}]}"#, "/fields/0/type"),
        (#"{"type":"record","name":"R","fields":[{"name":"a","type":"int","order":"up"}]}"#, "/fields/0"),
        (#"{"type":"record","name":"R","fields":[{"name":"a","type":"int","default":"1"}]}"#, "/fields/0/default"),
        (
            #"{"type":"record","name":"R","fields":[{"name":"a","type":"int","default":2147483648}]}"#,
            "/fields/0/default"
        ),
        (#"{"type":"record","name":"R","fields":[{"name":"a","type":"long","default":1.0}]}"#, "/fields/0/default"),
        (#"{"type":"record","name":"R","fields":[{"name":"a","type":"double","default":1e999}]}"#, "/fields/0/default"),
        (
            #"{"type":"record","name":"R","fields":[{"name":"a","type":["null","int"],"default":1}]}"#,
            "/fields/0/default"
        ),
        (
            #"{"type":"record","name":"R","fields":[{"name":"a","type":{"type":"array","items":"int"},"default":[1,"x"]}]}"#,
            "/fields/0/default/1"
        ),
        (#"{"type":"array"}"#, ""), (#"{"type":"map"}"#, ""), (#"{"type":"array","items":"x"}"#, "/items"),
        (#"{"type":["int"]}"#, ""), (#"{"type":"union"}"#, ""), (#""record""#, ""), (#"{"name":"x"}"#, ""),
        (#"["int","int"]"#, "/1"), (#"["int",["string"]]"#, "/1"),
        (#"[{"type":"array","items":"int"},{"type":"array","items":"string"}]"#, "/1"),
        (#"[{"type":"fixed","name":"F","size":1},"F"]"#, "/1"),
        (#"{"type":"enum","name":"E"}"#, ""), (#"{"type":"enum","name":"E","symbols":["A","A"]}"#, ""),
        (#"{"type":"enum","name":"E","symbols":["A-B"]}"#, ""),
        (#"{"type":"enum","name":"E","symbols":["A"],"default":"B"}"#, ""),
        (#"{"type":"fixed","name":"F","size":-1}"#, ""), (#"{"type":"fixed","name":"F","size":2147483648}"#, ""),
        (#"{"type":"fixed","name":"F"}"#, ""), (#"{"type":"fixed","name":"F","size":"4"}"#, ""),
        (#"{"type":"record","name":"R","aliases":["-"],"fields":[]}"#, ""),
        (#"{"type":"int","type":"long"}"#, ""),
    ])
    func refuses(text: String, path: String) {
        let error = #expect(throws: AvroSchemaError.self) { try AvroSchema.parse(text) }
        #expect(error?.path == path, "\(error?.description ?? "")")
    }

    @Test func limitsHold() {
        let deep =
            String(repeating: #"{"type":"array","items":"#, count: 200) + "\"int\"" + String(repeating: "}", count: 200)
        #expect(throws: AvroSchemaError.self) { try AvroSchema.parse(deep) }
        let wide =
            "[" + (0..<30_000).map { #"{"type":"fixed","name":"F\#($0)","size":1}"# }.joined(separator: ",") + "]"
        #expect(throws: AvroSchemaError.self) { try AvroSchema.parse(wide) }
        #expect(throws: AvroSchemaError.self) {
            try AvroSchema.parse(String(repeating: " ", count: 1 << 20) + "\"int\"")
        }
    }

    /// Every record's default is filled in from two of the next: 2⁴⁰ values unless the work is bounded.
    @Test func defaultsThatMultiplyAreRefused() {
        var text = #"{"type":"record","name":"R40","fields":[]}"#
        for level in (0..<40).reversed() {
            text = """
                {"type":"record","name":"R\(level)","fields":[{"name":"a","type":\(text),"default":{}},\
                {"name":"b","type":"R\(level + 1)","default":{}}]}
                """
        }
        #expect(throws: AvroSchemaError.self) {
            try AvroSchema.parse(
                text, limits: AvroSchemaLimits(textBytes: 1 << 20, jsonDepth: 256, types: 1_000, defaultItems: 65_536))
        }
    }

    @Test func invalidDefaultsCanBeDropped() throws {
        let text = #"{"type":"record","name":"R","fields":[{"name":"a","type":["null","int"],"default":1}]}"#
        let schema = try AvroSchema.parse(text, defaults: .dropInvalid)
        #expect(schema.record?.fields[0].defaultValue == nil)
    }

    @Test func bigNumbersInDefaultsKeepEveryDigit() throws {
        let text = #"{"type":"record","name":"R","fields":[{"name":"a","type":"long","default":9007199254740993}]}"#
        #expect(try AvroSchema.parse(text).record?.fields[0].defaultValue == .long(9_007_199_254_740_993))
    }

    @Test func namespacesReachInnerTypes() throws {
        let schema = try AvroSchema.parse(
            """
            {"type":"record","name":"a.b.Outer","namespace":"ignored","fields":[
              {"name":"x","type":{"type":"fixed","name":"Inner","size":2}},
              {"name":"y","type":"Inner"},{"name":"z","type":["null","a.b.Outer"]},
              {"name":"w","type":{"type":"enum","name":"E","namespace":"","symbols":["S"]}}]}
            """)
        #expect(schema.type(named: "a.b.Inner") != nil)
        #expect(schema.type(named: "E") != nil)
        #expect(
            schema.canonicalForm
                == #"{"name":"a.b.Outer","type":"record","fields":[{"name":"x","type":{"name":"a.b.Inner","type":"fixed","size":2}},{"name":"y","type":"a.b.Inner"},{"name":"z","type":["null","a.b.Outer"]},{"name":"w","type":{"name":"E","type":"enum","symbols":["S"]}}]}"#
        )
    }

    @Test func logicalTypesThatDoNotFitAreIgnored() throws {
        let cases: [(String, AvroLogicalType?)] = [
            (#"{"type":"string","logicalType":"uuid"}"#, .uuid),
            (#"{"type":"int","logicalType":"uuid"}"#, nil),
            (#"{"type":"int","logicalType":"timestamp-millis"}"#, nil),
            (#"{"type":"long","logicalType":"timestamp-micros"}"#, .timestampMicros),
            (#"{"type":"bytes","logicalType":"decimal","precision":4,"scale":2}"#, .decimal(precision: 4, scale: 2)),
            (#"{"type":"bytes","logicalType":"decimal","precision":4}"#, .decimal(precision: 4, scale: 0)),
            (#"{"type":"bytes","logicalType":"decimal","precision":4,"scale":5}"#, nil),
            (#"{"type":"bytes","logicalType":"decimal"}"#, nil),
            (
                #"{"type":"fixed","name":"F","size":2,"logicalType":"decimal","precision":4}"#,
                .decimal(precision: 4, scale: 0)
            ),
            (#"{"type":"fixed","name":"F","size":2,"logicalType":"decimal","precision":5}"#, nil),
            (#"{"type":"fixed","name":"F","size":12,"logicalType":"duration"}"#, .duration),
            (#"{"type":"fixed","name":"F","size":11,"logicalType":"duration"}"#, nil),
            (#"{"type":"long","logicalType":"moon-phase"}"#, nil),
        ]
        for (text, expected) in cases {
            let schema = try AvroSchema.parse(text)
            #expect(schema[schema.root].logicalType == expected, "\(text)")
        }
    }

    @Test func referencesGiveTypes() throws {
        let money = try AvroSchema.parse(
            #"{"type":"record","name":"n.Money","fields":[{"name":"cents","type":"long"}]}"#)
        let line = try AvroSchema.parse(
            #"{"type":"record","name":"n.Line","fields":[{"name":"price","type":"n.Money"}]}"#, references: [money])
        let order = try AvroSchema.parse(
            #"{"type":"record","name":"n.Order","fields":[{"name":"lines","type":{"type":"array","items":"Line"}},{"name":"total","type":"Money"}]}"#,
            references: [money, line])
        #expect(order.type(named: "n.Money") != nil)
        #expect(
            order.canonicalForm
                == #"{"name":"n.Order","type":"record","fields":[{"name":"lines","type":{"type":"array","items":{"name":"n.Line","type":"record","fields":[{"name":"price","type":{"name":"n.Money","type":"record","fields":[{"name":"cents","type":"long"}]}}]}}},{"name":"total","type":"n.Money"}]}"#
        )
        let other = try AvroSchema.parse(#"{"type":"fixed","name":"n.Money","size":4}"#)
        #expect(throws: AvroSchemaError.self) { try AvroSchema.parse("\"n.Money\"", references: [money, other]) }
        #expect(throws: AvroSchemaError.self) {
            try AvroSchema.parse(#"{"type":"fixed","name":"n.Money","size":4}"#, references: [money])
        }
    }
}
