import Testing

@testable import Avro

@Suite struct FramingTests {
    private func split(_ bytes: [UInt8]) throws(ConfluentFraming.Failure) -> (Int32, [UInt8]) {
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(ConfluentFraming.Failure) in
                let (id, datum) = try ConfluentFraming.split(buffer)
                return (id, Array(datum))
            }
        }
        return try result.get()
    }

    @Test func splitUndoesMake() throws {
        for id in [0, 1, 0x0102_0304, Int32.max, -1] as [Int32] {
            let record = ConfluentFraming.make(schemaID: id, datum: [7, 8])
            #expect(record.count == 7)
            let (found, datum) = try split(record)
            #expect(found == id && datum == [7, 8])
        }
        #expect(ConfluentFraming.make(schemaID: 0x0102_0304, datum: []) == [0, 1, 2, 3, 4])
    }

    @Test func anEmptyDatumIsADatum() throws {
        let (id, datum) = try split([0, 0, 0, 0, 9])
        #expect(id == 9 && datum.isEmpty)
    }

    @Test func refusesWhatIsNotFramed() {
        for count in 0..<5 {
            #expect(throws: ConfluentFraming.Failure.tooShort(byteCount: count)) {
                try split(Array(repeating: 0, count: count))
            }
        }
        #expect(throws: ConfluentFraming.Failure.wrongMagicByte) { try split([1, 0, 0, 0, 1, 2]) }
        #expect(throws: ConfluentFraming.Failure.wrongMagicByte) { try split(Array("{\"a\":1}".utf8)) }
    }
}
