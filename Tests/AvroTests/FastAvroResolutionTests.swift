import Testing

@testable import Avro

/// Data of an older schema must become the same values here and in fastavro.
@Suite(.enabled(if: FastAvroPeer.isExpected, FastAvroPeer.absence)) struct FastAvroResolutionTests {
    /// A pair of schemas: the reader's has the writer's fields in another order, some promoted, renamed, dropped, and
    /// some new ones with defaults.
    private func evolve(_ random: inout Seeded) -> (writer: String, reader: String) {
        let promotions = [
            ("\"int\"", ["\"int\"", "\"long\"", "\"float\"", "\"double\"", "[\"null\",\"long\"]"]),
            ("\"long\"", ["\"long\"", "\"double\"", "[\"null\",\"long\"]"]), ("\"float\"", ["\"double\""]),
            ("\"string\"", ["\"string\"", "\"bytes\"", "[\"int\",\"string\"]"]),
            (
                #"{"type":"array","items":"int"}"#,
                [#"{"type":"array","items":"long"}"#, #"{"type":"array","items":["null","int"]}"#]
            ),
            (#"{"type":"map","values":"float"}"#, [#"{"type":"map","values":"double"}"#]),
            (#"["null","int"]"#, [#"["null","int"]"#, #"["null","string","long"]"#]),
            (#"["int","string"]"#, [#"["string","int","null"]"#]),
        ]
        // No default for bytes: fastavro leaves it a string.
        let added = [
            (#""int""#, "17"), (#""string""#, #""née""#), (#"["null","string"]"#, "null"),
            (#"{"type":"array","items":"long"}"#, "[1,2,3]"), (#"{"type":"map","values":"int"}"#, #"{"k":1}"#),
            (#""double""#, "1.25"),
        ]
        var writer: [String] = []
        var reader: [String] = []
        for index in 0..<(1 + random.below(7)) {
            let (from, to) = random.pick(promotions)
            writer.append(#"{"name":"f\#(index)","type":\#(from)}"#)
            if random.chance(20) { continue }
            let renamed = random.chance(25)
            let name = renamed ? #""name":"r\#(index)","aliases":["f\#(index)"]"# : #""name":"f\#(index)""#
            reader.append(#"{\#(name),"type":\#(random.pick(to))}"#)
        }
        for index in 0..<random.below(3) {
            let (type, value) = random.pick(added)
            reader.append(#"{"name":"n\#(index)","type":\#(type),"default":\#(value)}"#)
        }
        reader.shuffle(using: &random)
        func record(_ fields: [String]) -> String {
            #"{"type":"record","name":"R","fields":[\#(fields.joined(separator: ","))]}"#
        }
        return (record(writer), record(reader))
    }

    @Test func sameValuesAsFastavro() throws {
        let peer = try #require(FastAvroPeer.shared, "\(FastAvroPeer.absence)")
        var random = Seeded(Seeded.seed &+ 3)
        var cases: [FastAvroPeer.Case] = []
        for _ in 0..<count("AVRO_CASES", normally: 150) {
            let (writer, reader) = evolve(&random)
            let schema = try AvroSchema.parse(writer)
            var values = RandomValue(schema: schema, random: random)
            let data = try (0..<4).map { _ in try AvroEncoder(schema: schema).encode(values.make()) }
            random = values.random
            cases.append(.init(schema: writer, reader: reader, data: data))
        }
        for (example, answer) in zip(cases, try peer.answers(cases)) {
            let reader = try AvroSchema.parse(try #require(example.reader))
            let writer = try AvroSchema.parse(example.schema)
            let resolver = try AvroResolver(writer: writer, reader: reader)
            let ours = try example.data.map { hex(try AvroEncoder(schema: reader).encode(try resolver.decode($0))) }
            try #require(
                answer.again == ours,
                "seed \(Seeded.seed), \(example.schema) read as \(example.reader ?? ""), \(answer)")
        }
    }
}
