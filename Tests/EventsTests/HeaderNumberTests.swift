import Events
import Testing

@Suite("Numbers in headers")
struct HeaderNumberTests {
    private func read(_ form: HeaderNumber, _ bytes: [UInt8]) -> Int64? {
        bytes.withUnsafeBytes { form.read($0) }
    }

    @Test(
        "decimal text",
        arguments: [
            ("0", 0), ("7", 7), ("007", 7), ("12345678", 12_345_678), ("1234", 1_234), ("-1", -1),
            ("9223372036854775807", .max), ("-9223372036854775808", .min),
            ("9223372036854775808", nil), ("-9223372036854775809", nil), ("99999999999999999999", nil),
            ("", nil), ("-", nil), ("+1", nil), ("1 ", nil), (" 1", nil), ("1.0", nil), ("1e3", nil), ("abc", nil),
            ("0x10", nil), ("00000000000000000000001", nil),
        ] as [(String, Int64?)])
    func decimal(text: String, value: Int64?) {
        #expect(read(.text, Array(text.utf8)) == value)
    }

    @Test("big-endian of 1 to 8 bytes", arguments: 1...8)
    func binary(width: Int) {
        for value in [1, 5, 200, 300, 70_000, 1_790_000_001_000, -1, -300, Int64.max, Int64.min] {
            let bytes = Array(bigEndian(value).suffix(width))
            let kept = bytes.reduce(bytes[0] & 0x80 == 0 ? 0 : -1 as Int64) { $0 << 8 | Int64($1) }
            #expect(read(.shortest, bytes) == kept)
            #expect(read(.natural(width: width), bytes) == kept)
            if !bytes.allSatisfy({ (0x20...0x7E).contains($0) }) { #expect(read(.text, bytes) == kept) }
        }
    }

    @Test("four or eight digits: Spring's are binary, everybody else's text")
    func ambiguous() {
        let four = Array("1234".utf8)
        let eight = Array("12345678".utf8)
        #expect(read(.text, four) == 1_234)
        #expect(read(.natural(width: 4), four) == 0x3132_3334)
        #expect(read(.natural(width: 8), four) == 1_234)
        #expect(read(.text, eight) == 12_345_678)
        #expect(read(.natural(width: 8), eight) == 0x3132_3334_3536_3738)
        #expect(read(.natural(width: 4), eight) == 12_345_678)
        #expect(read(.shortest, eight) == 0x3132_3334_3536_3738)
        #expect(read(.shortest, Array("1790000001000".utf8)) == 1_790_000_001_000)
    }

    @Test("nine bytes and more are no binary number")
    func tooLong() {
        for form in [HeaderNumber.text, .shortest, .natural(width: 8)] {
            #expect(read(form, [0, 0, 0, 0, 0, 0, 0, 0, 1]) == nil)
            #expect(read(form, [UInt8](repeating: 0x31, count: 1 << 20)) == nil)
            #expect(read(form, []) == nil)
        }
    }
}
