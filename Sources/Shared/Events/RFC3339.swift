/// Times as RFC 3339 writes them, in milliseconds since 1970-01-01T00:00:00Z, without Foundation.
package enum RFC3339 {
    /// The length of the written form, `2026-10-30T08:15:30.123Z`.
    package static let length = 24
    /// 0000-01-01T00:00:00.000Z, the first time that the form can write.
    package static let minimum: Int64 = -62_167_219_200_000
    /// 9999-12-31T23:59:59.999Z, the last one.
    package static let maximum: Int64 = 253_402_300_799_999

    /// The time in UTC with milliseconds; times that four digits of year cannot write become the nearest that they can.
    package static func string(milliseconds: Int64) -> String {
        withText(milliseconds: milliseconds) { String(decoding: $0, as: UTF8.self) }
    }

    /// Hands the time's text, 24 bytes, to `body`; they are valid inside it.
    static func withText<Result>(milliseconds: Int64, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let time = min(max(milliseconds, minimum), maximum)
        let (days, rest) = floorDivide(time, 86_400_000)
        let date = CivilDate(daysSince1970: days)
        return withUnsafeTemporaryAllocation(byteCount: length, alignment: 1) { buffer in
            put(date.year, digits: 4, at: 0, in: buffer)
            put(date.month, digits: 2, at: 5, in: buffer)
            put(date.day, digits: 2, at: 8, in: buffer)
            put(rest / 3_600_000, digits: 2, at: 11, in: buffer)
            put(rest / 60_000 % 60, digits: 2, at: 14, in: buffer)
            put(rest / 1_000 % 60, digits: 2, at: 17, in: buffer)
            put(rest % 1_000, digits: 3, at: 20, in: buffer)
            for (position, mark) in [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":"), (19, "."), (23, "Z")]
                as [(Int, Unicode.Scalar)]
            {
                buffer[position] = UInt8(ascii: mark)
            }
            return body(UnsafeRawBufferPointer(buffer))
        }
    }

    private static func put(_ value: Int64, digits: Int, at start: Int, in buffer: UnsafeMutableRawBufferPointer) {
        var rest = value
        for position in (start..<start + digits).reversed() {
            buffer[position] = UInt8(truncatingIfNeeded: rest % 10) + 0x30
            rest /= 10
        }
    }

    static func floorDivide(_ value: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
