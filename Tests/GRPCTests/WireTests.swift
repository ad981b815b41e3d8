import EventLoop
import Testing

@testable import GRPC

private func withBytes<Result>(_ text: String, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    var text = text
    return text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
}

private func written(_ write: (inout ByteBuffer) -> Void) -> String {
    var buffer = ByteBuffer()
    write(&buffer)
    return String(decoding: buffer.bytes, as: UTF8.self)
}

@Suite struct TimeoutTests {
    @Test(arguments: [
        ("1n", 1), ("1u", 1_000), ("250m", 250_000_000), ("7S", 7_000_000_000), ("2M", 120_000_000_000),
        ("1H", 3_600_000_000_000), ("0S", 0), ("99999999H", Int64.max), ("00000001S", 1_000_000_000),
    ]) func reads(text: String, nanoseconds: Int64) {
        #expect(withBytes(text) { Timeout.parse($0) } == nanoseconds)
    }

    @Test(arguments: ["", "S", "1", "1s", "1 S", "-1S", "+1S", "1.5S", "123456789S", "1SS", "１S", "1h", "m1"])
    func refuses(text: String) {
        #expect(withBytes(text) { Timeout.parse($0) } == nil)
    }

    @Test(arguments: [
        0, 1, 99_999_999, 100_000_000, 99_999_999_000, 1_000_000_000_001, 86_400_000_000_000, Int64.max,
    ]) func whatIsWrittenIsNeverShorter(nanoseconds: Int64) {
        let text = written { Timeout.write(nanoseconds, into: &$0) }
        let back = withBytes(text) { Timeout.parse($0) }
        #expect(text.utf8.count <= 9)
        #expect((back ?? -1) >= nanoseconds)
        // The next unit up would lose no more than one part in a hundred thousand.
        #expect(Double(back ?? .max) <= Double(nanoseconds) * 1.00002 + 1)
    }

    @Test func aNegativeTimeIsNone() {
        #expect(written { Timeout.write(-5, into: &$0) } == "0n")
    }
}

@Suite struct PercentEncodingTests {
    @Test(arguments: [
        ("plain words", "plain words"), ("100% true", "100%25 true"), ("naïve ☃", "na%C3%AFve %E2%98%83"),
        ("a\nb\u{7F}", "a%0Ab%7F"), ("", ""),
    ]) func writesAndReads(text: String, wire: String) {
        #expect(written { PercentEncoding.write(text, limit: 1_000, into: &$0) } == wire)
        #expect(withBytes(wire) { PercentEncoding.read($0) } == text)
    }

    @Test(arguments: [("%", "%"), ("%2", "%2"), ("%zz", "%zz"), ("%2x%41", "%2xA"), ("a%ff", "a\u{FFFD}")])
    func readsWhatIsMalformedAsItIs(wire: String, text: String) {
        #expect(withBytes(wire) { PercentEncoding.read($0) } == text)
    }

    @Test func cutsBetweenCharacters() {
        #expect(written { PercentEncoding.write("ab☃☃", limit: 5, into: &$0) } == "ab%E2%98%83")
    }
}

@Suite struct Base64Tests {
    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("foobar", "Zm9vYmFy"),
    ])
    func knowsTheStandardsExamples(plain: String, text: String) {
        #expect(Base64.encode(Array(plain.utf8)) == Array(text.utf8))
        #expect(Base64.decode(text.utf8) == Array(plain.utf8))
        let padded = text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        #expect(Base64.decode(padded.utf8) == Array(plain.utf8))
    }

    @Test func everyLengthComesBack() {
        for count in 0..<200 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255) }
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
    }

    @Test(arguments: ["A", "AA=", "AAA==", "AA===", "A?AA", "AA==AA", "=", "AAAA=", "AA A"])
    func refuses(text: String) {
        #expect(Base64.decode(text.utf8) == nil)
    }
}

@Suite struct MetadataTests {
    @Test func onlyNamesThatACallerMaySet() {
        var metadata = GRPCMetadata()
        for name in ["", "Upper", "grpc-timeout", "te", "content-type", ":path", "with space", "x-bin", "näme"] {
            let isTaken = metadata.add(name, "v")
            #expect(!isTaken, "\(name)")
        }
        let refused = [metadata.add("x", "line\nbreak"), metadata.add("x", bytes: [1])]
        #expect(refused == [false, false])
        #expect(metadata.isEmpty)
        let taken = [metadata.add("x-trace_id.1", "v"), metadata.add("x-bin", bytes: [0, 255])]
        #expect(taken == [true, true])
        #expect(metadata.entries.map(\.value) == [Array("v".utf8), Array("AP8".utf8)])
    }

    @Test(
        arguments: [
            ("AP8", [[0, 255]]), ("AP8=", [[0, 255]]), ("AP8,AQ==", [[0, 255], [1]]), ("AP8, AQ", [[0, 255], [1]]),
            ("", [[]]), ("A", nil), ("AP8,?", nil),
        ] as [(String, [[UInt8]]?)]) func binaryValues(text: String, expected: [[UInt8]]?)
    {
        var metadata = ReceivedMetadata()
        withBytes("x-bin") { name in withBytes(text) { metadata.append(name: name, value: $0) } }
        #expect(metadata.binary("x-bin") == expected)
        #expect(metadata.binary("y-bin") == [])
    }
}

@Suite struct StatusDetailTests {
    @Test func comeBack() {
        let status = GRPCStatus(
            .invalidArgument, "bad ☃",
            details: [
                .badRequest([.init(field: "merchant_id", description: "empty"), .init(field: "", description: "")]),
                .retryInfo(delayNanoseconds: 1_500_000_000),
                .other(typeURL: "type.googleapis.com/x.Y", value: [1, 2, 3]),
            ])
        #expect(GRPCStatus.details(in: status.encodedDetails()) == status.details)
        #expect(status.retryDelay == 1_500_000_000)
    }

    @Test func bytesOfAnyKindAreSurvived() {
        let good = GRPCStatus(.ok, "m", details: [.badRequest([.init(field: "f", description: "d")])]).encodedDetails()
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let cut = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
            #expect(GRPCStatus.details(in: cut).count <= 64)
        }
    }
}

@Suite struct MessageReaderTests {
    private func message(_ body: [UInt8], flag: UInt8 = 0) -> [UInt8] {
        [flag] + withUnsafeBytes(of: UInt32(body.count).bigEndian, Array.init) + body
    }

    private func read(_ pieces: [[UInt8]], limit: Int = 100) throws(MessageReader.Fault) -> [UInt8]? {
        var reader = MessageReader()
        for piece in pieces {
            var fault: MessageReader.Fault?
            piece.withUnsafeBytes { bytes in
                do throws(MessageReader.Fault) { try reader.append(bytes, limit: limit) } catch { fault = error }
            }
            if let fault { throw fault }
        }
        return reader.isComplete ? Array(reader.body.bytes) : nil
    }

    @Test func anyCutsMakeTheSameMessage() throws {
        let whole = message(Array("hello".utf8))
        for first in 0...whole.count {
            for second in first...whole.count {
                let pieces = [Array(whole[..<first]), Array(whole[first..<second]), Array(whole[second...])]
                #expect(try read(pieces) == Array("hello".utf8))
            }
        }
        #expect(try read([message([])]) == [])
    }

    @Test func faults() throws {
        #expect(throws: MessageReader.Fault.tooLarge(101)) {
            try read([message([UInt8](repeating: 0, count: 101))])
        }
        #expect(throws: MessageReader.Fault.trailing) { try read([message([1]) + [0]]) }
        #expect(throws: MessageReader.Fault.trailing) { try read([message([]), message([])]) }
        #expect(throws: MessageReader.Fault.badFlag(2)) { try read([message([1], flag: 2)]) }
        #expect(try read([[0, 0, 0, 0]]) == nil)
        #expect(try read([[0, 0, 0, 0, 5, 1]]) == nil)
    }
}

@Suite struct GzipTests {
    private func packed(_ plain: [UInt8]) -> [UInt8] {
        var buffer = ByteBuffer()
        let isDone = plain.withUnsafeBytes { Gzip().compress($0, into: &buffer) }
        #expect(isDone)
        return Array(buffer.bytes)
    }

    private func plain(_ packed: [UInt8], limit: Int, _ gzip: Gzip = Gzip()) throws(Gzip.Fault) -> [UInt8] {
        var result: Result<[UInt8], Gzip.Fault> = .success([])
        packed.withUnsafeBytes { bytes in
            do throws(Gzip.Fault) {
                let buffer = try gzip.decompress(bytes, limit: limit)
                result = .success(Array(buffer.bytes))
            } catch { result = .failure(error) }
        }
        return try result.get()
    }

    @Test(arguments: [0, 1, 1_000, 300_000]) func comesBack(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 / 7) }
        let gzip = Gzip()
        for _ in 0..<2 { #expect(try plain(packed(bytes), limit: count, gzip) == bytes) }
    }

    @Test func aBombIsStoppedAtTheLimit() throws {
        let bomb = packed([UInt8](repeating: 0, count: 50_000_000))
        #expect(bomb.count < 300_000)
        #expect(throws: Gzip.Fault.tooLarge) { try plain(bomb, limit: 1_000_000) }
        #expect(throws: Gzip.Fault.tooLarge) { try plain(bomb, limit: 0) }
    }

    @Test func whatIsNotGzipIsRefused() throws {
        let good = packed(Array("some words, some words".utf8))
        #expect(throws: Gzip.Fault.malformed) { try plain([], limit: 100) }
        #expect(throws: Gzip.Fault.malformed) { try plain([1, 2, 3], limit: 100) }
        #expect(throws: Gzip.Fault.malformed) { try plain(good.dropLast(), limit: 100) }
        #expect(throws: Gzip.Fault.malformed) { try plain(good + [0], limit: 100) }
        var wrongSum = good
        wrongSum[good.count - 8] ^= 1
        #expect(throws: Gzip.Fault.malformed) { try plain(wrongSum, limit: 100) }
        let gzip = Gzip()
        #expect(throws: Gzip.Fault.malformed) { try plain(wrongSum, limit: 100, gzip) }
        #expect(try plain(good, limit: 100, gzip) == Array("some words, some words".utf8))
    }
}

@Suite struct AbuseBudgetTests {
    @Test func callsPayForThemselves() {
        var budget = AbuseBudget(maxStreams: 100)
        for _ in 0..<100_000 {
            budget.chargeFrame()
            budget.charge(bytes: 200 + 9)
            budget.chargeFrame()
            budget.charge(bytes: 66 + 9)
            budget.refund(data: 66)
            budget.dataSent()
            budget.chargeFrame()
            budget.charge(bytes: 4 + 9)
            budget.callFinished()
        }
        #expect(!budget.isExhausted)
    }

    @Test func framesWithoutCallsDoNot() {
        var budget = AbuseBudget(maxStreams: 100)
        var count = 0
        while !budget.isExhausted {
            budget.chargeFrame()
            budget.charge(bytes: 0 + 9)
            count += 1
        }
        #expect(count <= 1_500)
        budget.earn(nanoseconds: 1_000_000_000)
        #expect(!budget.isExhausted)
        for _ in 0..<120 { budget.chargeFrame() }
        #expect(budget.isExhausted)
    }

    @Test func crumbsOfDataDoNot() {
        var budget = AbuseBudget(maxStreams: 100)
        var count = 0
        while !budget.isExhausted, count < 100_000 {
            budget.chargeFrame()
            budget.charge(bytes: 1 + 9)
            budget.refund(data: 1)
            count += 1
        }
        #expect(count < 2_000)
    }
}
