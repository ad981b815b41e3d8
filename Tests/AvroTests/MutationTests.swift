import Testing

@testable import Avro

/// Hostile bytes: nothing crashes, decoder and projection agree on what is Avro, and memory stays within the bound.
/// `AVRO_MUTATIONS` gives the number of inputs, `AVRO_SEED` another start.
@Suite struct MutationTests {
    /// A schema with data of it.
    private struct Subject {
        let text: String
        let decoder: AvroDecoder
        let projection: AvroProjection
        let samples: [[UInt8]]
        /// Whether every value has one encoding only; blocks make many.
        let isCanonical: Bool

        init(_ text: String, _ random: inout Seeded) throws {
            let schema = try AvroSchema.parse(text)
            self.text = text
            decoder = AvroDecoder(schema: schema)
            let names = schema.record?.fields.map(\.name) ?? []
            projection = AvroProjection(
                schema: schema, fields: names.enumerated().filter { $0.offset % 3 != 2 }.map(\.element))
            var values = RandomValue(schema: schema, random: random)
            samples = try (0..<6).map { _ in try AvroEncoder(schema: schema).encode(values.make()) }
            random = values.random
            isCanonical = !text.contains(#""type":"array""#) && !text.contains(#""type":"map""#)
        }
    }

    private static let zeroSized = [
        #"{"type":"array","items":"null"}"#,
        #"{"type":"map","values":{"type":"record","name":"E","fields":[]}}"#,
        #"{"type":"record","name":"R","fields":[{"name":"a","type":{"type":"array","items":{"type":"array","items":"null"}}},{"name":"b","type":{"type":"array","items":{"type":"fixed","name":"F","size":0}}}]}"#,
        #"{"type":"record","name":"L","fields":[{"name":"v","type":"string"},{"name":"next","type":["null","L"]},{"name":"kids","type":{"type":"array","items":"L"}}]}"#,
        #"["null","string",{"type":"record","name":"U","fields":[{"name":"x","type":["null","long","string"]}]}]"#,
    ]

    private func subjects(_ random: inout Seeded) throws -> [Subject] {
        var texts = try SchemaFiles.topics.map(SchemaFiles.text) + [DecoderTests.everything] + Self.zeroSized
        var schemas = RandomSchema(random)
        for _ in 0..<30 { texts.append(schemas.make()) }
        random = schemas.random
        return try texts.map { try Subject($0, &random) }
    }

    @Test func hostileBytes() throws {
        var random = Seeded(Seeded.seed &+ 2)
        let subjects = try subjects(&random)
        var mutation = Mutation(random: random)
        var accepted = 0
        let total = count("AVRO_MUTATIONS", normally: 10_000)
        for round in 0..<total {
            let subject = subjects[round % subjects.count]
            let bytes = mutation.damage(
                mutation.random.pick(subject.samples), and: mutation.random.pick(subject.samples))
            let message: Comment = "seed \(Seeded.seed), round \(round), \(subject.text), \(hex(bytes))"
            var allocated = 0
            let decoded = bytes.withUnsafeBytes { buffer in
                Result { () throws(AvroDecodingError) in try subject.decoder.decode(buffer, allocated: &allocated) }
            }
            if allocated > AvroLimits.standard.allocationBound(forBytes: bytes.count) {
                Issue.record("\(allocated) bytes taken: \(message.rawValue)")
                return
            }
            var fields = subject.projection.makeFields()
            let projected = bytes.withUnsafeBytes { buffer in
                Result { () throws(AvroFault) in try subject.projection.run(buffer, into: &fields) }
            }
            switch (decoded, projected) {
            case (.success(let value), .success):
                accepted += 1
                try check(value, fields, bytes, subject, message)
            case (.failure, .failure): break
            default:
                Issue.record("decoder and projection disagree: \(message.rawValue)")
                return
            }
        }
        #expect(accepted > total / 100 && accepted < total, "mutations must leave some inputs whole and spoil others")
    }

    /// What was accepted must come back when it is encoded, and the projection must have found the same.
    private func check(
        _ value: AvroValue, _ fields: AvroProjectedFields, _ bytes: [UInt8], _ subject: Subject, _ message: Comment
    ) throws {
        let schema = subject.decoder.schema
        let again = try AvroEncoder(schema: schema).encode(value)
        if subject.isCanonical { try #require(again == bytes, message) }
        guard let record = schema.record, case .record(let values) = value else { return }
        for (position, name) in subject.projection.names.enumerated() {
            let index = try #require(record.index(ofField: name))
            switch (values[index].unwrapped, fields[position]) {
            case (.null, .null), (.boolean, .other), (.float, .other), (.double, .other), (.enumeration, .other),
                (.array, .other), (.map, .other), (.record, .other):
                break
            case (.int(let number), .integer(let found)): try #require(Int64(number) == found, message)
            case (.long(let number), .integer(let found)): try #require(number == found, message)
            case (.long(let number), .timestamp(let found)):
                try #require(number == found || number / 1_000 - found <= 1, message)
            case (.string(let text), .text(let start, let count)):
                try #require(Array(text.utf8) == Array(bytes[start..<start + count]), message)
            case (.bytes(let data), .bytes(let start, let count)), (.fixed(let data), .bytes(let start, let count)):
                try #require(data == Array(bytes[start..<start + count]), message)
            default: Issue.record("the projection found another type in \(name): \(message.rawValue)")
            }
        }
    }

    /// The worst that 16 KiB can ask for, in memory: many small values.
    @Test(arguments: [
        (#"{"type":"array","items":["null","long"]}"#, [0x00] as [UInt8]),
        (#"{"type":"array","items":{"type":"record","name":"R","fields":[{"name":"a","type":["null","R"]}]}}"#, [0x00]),
        (#"{"type":"array","items":{"type":"array","items":"int"}}"#, [0x00]),
        (#"{"type":"array","items":{"type":"map","values":"int"}}"#, [0x00]),
    ])
    func manySmallValuesStayWithinTheBound(text: String, item: [UInt8]) throws {
        let decoder = AvroDecoder(schema: try AvroSchema.parse(text))
        for blockSize in [1, 60, 15_000] {
            var bytes: [UInt8] = []
            while bytes.count < 16 << 10 {
                Self.append(long: blockSize, to: &bytes)
                for _ in 0..<blockSize { bytes += item }
            }
            bytes.append(0)
            var allocated = 0
            _ = try? bytes.withUnsafeBytes { try decoder.decode($0, allocated: &allocated) }
            #expect(allocated <= AvroLimits.standard.allocationBound(forBytes: bytes.count))
            #expect(allocated > bytes.count)
        }
    }

    private static func append(long: Int, to bytes: inout [UInt8]) {
        var rest = UInt64(bitPattern: Int64(long << 1))
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
