/// Whole numbers as ASCII digits, without Foundation.
enum DecimalText {
    /// The most bytes a 64-bit number takes: 19 digits and a sign.
    static let maximumLength = 20

    /// The number that these bytes write out in full: digits, after `-` if negative. `nil` for anything else, and for
    /// a number that 64 bits do not hold.
    static func parse(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        let isNegative = bytes.first == 0x2D
        let digits = bytes.dropFirst(isNegative ? 1 : 0)
        guard !digits.isEmpty, bytes.count <= maximumLength else { return nil }
        var value: Int64 = 0
        for byte in digits {
            guard (0x30...0x39).contains(byte) else { return nil }
            // Gathered below zero, where there is room for one number more.
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, borrow) = product.subtractingReportingOverflow(Int64(byte - 0x30))
            guard !overflow, !borrow else { return nil }
            value = sum
        }
        guard !isNegative else { return value }
        return value == .min ? nil : -value
    }

    /// Hands the number's text to `body`; the bytes are valid inside it.
    static func withText<Result>(of value: Int64, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withUnsafeTemporaryAllocation(byteCount: maximumLength, alignment: 1) { buffer in
            var start = maximumLength
            var rest = value.magnitude
            repeat {
                start -= 1
                buffer[start] = UInt8(truncatingIfNeeded: rest % 10) + 0x30
                rest /= 10
            } while rest > 0
            if value < 0 {
                start -= 1
                buffer[start] = 0x2D
            }
            return body(UnsafeRawBufferPointer(rebasing: buffer[start...]))
        }
    }
}
