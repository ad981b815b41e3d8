import Testing

@testable import Avro

/// libavro must write the same bytes for the same values, and read ours.
@Suite struct LibAvroDifferentialTests {
    @Test func sameBytesAsLibavro() throws {
        var schemas = RandomSchema(Seeded())
        var compared = 0
        for _ in 0..<count("AVRO_CASES", normally: 600) {
            let text = schemas.make()
            // libavro cannot hold a fixed of no bytes, nor an array of records without fields.
            if text.contains(#""size":0"#) || text.contains(#""fields":[]"#) { continue }
            let schema = try AvroSchema.parse(text)
            let peer = try LibAvroPeer(text)
            let encoder = AvroEncoder(schema: schema)
            let decoder = AvroDecoder(schema: schema)
            var values = RandomValue(schema: schema, random: schemas.random)
            for _ in 0..<8 {
                let value = values.make()
                let bytes = try encoder.encode(value)
                let written = Result { try peer.encode(value, of: schema) }
                try #require((try? written.get()) == bytes, "seed \(Seeded.seed), \(text), \(written)")
                let read = Result { try peer.reencode(bytes) }
                try #require((try? read.get()) == bytes, "seed \(Seeded.seed), \(text), \(read)")
                try #require(try decoder.decode(bytes) == value, "seed \(Seeded.seed), \(text)")
                compared += 1
            }
            schemas.random = values.random
        }
        #expect(compared > 1_000, "most random schemas must reach libavro")
    }
}
