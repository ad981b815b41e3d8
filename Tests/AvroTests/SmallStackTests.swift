import Foundation
import Synchronization
import Testing

@testable import Avro

/// The limits on depth must hold on a thread with a quarter of the usual stack, in a debug build too.
@Suite struct SmallStackTests {
    /// Runs `body` on a thread with 2 MiB of stack.
    private func onSmallStack(_ body: @escaping @Sendable () throws -> Void) throws {
        let outcome = Mutex<Result<Void, any Error>?>(nil)
        let done = DispatchSemaphore(value: 0)
        let thread = Thread {
            let result = Result { try body() }
            outcome.withLock { $0 = result }
            done.signal()
        }
        thread.stackSize = 2 << 20
        thread.start()
        done.wait()
        try outcome.withLock { try #require($0).get() }
    }

    @Test func theDeepestDatum() throws {
        try onSmallStack {
            let schema = try AvroSchema.parse(
                #"{"type":"record","name":"L","fields":[{"name":"kids","type":{"type":"array","items":["null","L"]}}]}"#
            )
            let limits = AvroLimits(depth: 256, length: 1_000, baseItems: 4_096, itemsPerByte: 4)
            // Each level is a record and an array of one: half of the depth each.
            let bytes = Array(repeating: UInt8(2), count: 254) + Array(repeating: UInt8(0), count: 128)
            let value = try AvroDecoder(schema: schema, limits: limits).decode(bytes)
            #expect(try AvroEncoder(schema: schema).encode(value) == bytes)
            _ = try project(AvroProjection(schema: schema, fields: ["kids"], limits: limits), bytes)
            #expect(try AvroResolver(writer: schema, reader: schema, limits: limits).decode(bytes) == value)
            let deeper = [UInt8(2), 2] + bytes + [0]
            let error = #expect(throws: AvroDecodingError.self) {
                try AvroDecoder(schema: schema, limits: limits).decode(deeper)
            }
            #expect(error?.fault == .depthLimit)
        }
    }

    @Test func theDeepestSchemas() throws {
        try onSmallStack {
            let arrays =
                String(repeating: #"{"type":"array","items":"#, count: 126) + #""int""#
                + String(repeating: "}", count: 126)
            let schema = try AvroSchema.parse(arrays)
            #expect(AvroCompatibility.canRead(reader: schema, writer: schema))
            #expect(try AvroSchema.parse(schema.canonicalForm).fingerprint == schema.fingerprint)
            var records = #""int""#
            for level in 0..<41 {
                records = #"{"type":"record","name":"R\#(level)","fields":[{"name":"f","type":\#(records)}]}"#
            }
            #expect(try AvroSchema.parse(records).record != nil)
            #expect(throws: AvroSchemaError.self) { try AvroSchema.parse(String(repeating: "[", count: 100_000)) }
        }
    }

    /// Types that each refer to the one before: walked from the last, they nest as deep as there are types.
    @Test func longChainsOfReferences() throws {
        @Sendable func chain(_ last: String, _ count: Int) -> String {
            let links = (1..<count).map { index in
                #"{"type":"record","name":"R\#(index)","fields":[{"name":"f","type":"R\#(index - 1)"}]}"#
            }
            let first = #"{"type":"record","name":"R0","fields":[{"name":"f","type":"\#(last)"}]}"#
            return "[" + ([first] + links).joined(separator: ",") + "]"
        }
        try onSmallStack {
            let text = chain("int", 5_000)
            let schema = try AvroSchema.parse(text)
            let tooDeep = #expect(throws: AvroSchemaError.self) {
                try AvroSchema.parse("\"R4999\"", references: [schema])
            }
            #expect(tooDeep?.reason.contains("nested deeper") == true)
            #expect(try AvroSchema.parse("\"R200\"", references: [schema]).record != nil)
            let pick = #"{"type":"record","name":"X","fields":[{"name":"x","type":"R4999"}]}"#
            #expect(throws: AvroSchemaError.self) { try AvroSchema.parse(pick, references: [schema]) }
        }
    }
}
