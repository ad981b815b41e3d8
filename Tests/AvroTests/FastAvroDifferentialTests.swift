import Testing

@testable import Avro

/// fastavro must read what we write and write the same bytes again, and we what it writes.
@Suite(.enabled(if: FastAvroPeer.isExpected, FastAvroPeer.absence)) struct FastAvroDifferentialTests {
    @Test func sameBytesAsFastavro() throws {
        let peer = try #require(FastAvroPeer.shared, "\(FastAvroPeer.absence)")
        var schemas = RandomSchema(Seeded(Seeded.seed &+ 1))
        var cases: [FastAvroPeer.Case] = []
        for _ in 0..<count("AVRO_CASES", normally: 150) {
            let text = schemas.make()
            let schema = try AvroSchema.parse(text)
            var values = RandomValue(schema: schema, random: schemas.random)
            let encoder = AvroEncoder(schema: schema)
            let data = try (0..<8).map { _ in try encoder.encode(values.make()) }
            schemas.random = values.random
            cases.append(.init(schema: text, data: data, own: 4))
        }
        var compared = 0
        var made = 0
        for (example, answer) in zip(cases, try peer.answers(cases)) {
            if answer.unsupported != nil { continue }
            compared += 1
            try #require(answer.again == example.data.map(hex), "seed \(Seeded.seed), \(example.schema), \(answer)")
            let schema = try AvroSchema.parse(example.schema)
            for text in try #require(answer.own) {
                let value = try AvroDecoder(schema: schema).decode(bytes(hex: text))
                made += 1
                try #require(hex(try AvroEncoder(schema: schema).encode(value)) == text, "\(example.schema)")
            }
        }
        #expect(compared > cases.count * 8 / 10, "most random schemas must reach fastavro")
        #expect(made > cases.count, "fastavro must have made data of its own")
    }
}
