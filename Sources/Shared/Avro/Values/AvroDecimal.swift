/// A decimal number of any size: an integer times 10 to the power of minus `scale` (logical type `decimal`).
package struct AvroDecimal: Sendable, Hashable, CustomStringConvertible {
    /// The integer in two's complement, big-endian, as short as it can be; zero is one byte.
    package let unscaled: [UInt8]
    /// Digits after the point.
    package let scale: Int

    /// From a value's bytes or fixed. No bytes are zero.
    package init(twosComplement bytes: [UInt8], scale: Int) {
        var start = 0
        while start + 1 < bytes.count, bytes[start] == (bytes[start + 1] < 0x80 ? 0 : 0xFF) { start += 1 }
        unscaled = bytes.isEmpty ? [0] : Array(bytes[start...])
        self.scale = scale
    }

    /// `integer` times 10 to the power of minus `scale`.
    package init(_ integer: Int64, scale: Int) {
        self.init(twosComplement: withUnsafeBytes(of: integer.bigEndian) { Array($0) }, scale: scale)
    }

    /// The integer without its scale, if it fits.
    package var integer: Int64? {
        guard unscaled.count <= 8 else { return nil }
        return unscaled.reduce(unscaled[0] < 0x80 ? 0 : -1) { $0 << 8 | Int64($1) }
    }

    /// The bytes for a fixed of this size; nil if the number does not fit.
    package func bytes(fixed size: Int) -> [UInt8]? {
        guard unscaled.count <= size else { return nil }
        return Array(repeating: unscaled[0] < 0x80 ? 0 : 0xFF, count: size - unscaled.count) + unscaled
    }

    /// The number in digits, such as `-12.50`. One of more than 64 bytes stands as `decimal of N bytes`: its digits
    /// would take time with the square of its length.
    package var description: String {
        guard unscaled.count <= 64 else { return "decimal of \(unscaled.count) bytes" }
        let isNegative = unscaled[0] >= 0x80
        var digits = magnitude()
        if scale > 0 {
            if digits.count <= scale { digits = Array(repeating: 0, count: scale + 1 - digits.count) + digits }
            let point = digits.count - scale
            return (isNegative ? "-" : "") + text(digits[..<point]) + "." + text(digits[point...])
        }
        return (isNegative ? "-" : "") + text(digits[...])
    }

    private func text(_ digits: ArraySlice<UInt8>) -> String {
        String(decoding: digits.map { $0 + UInt8(ascii: "0") }, as: UTF8.self)
    }

    /// The decimal digits of the absolute value, the highest first.
    private func magnitude() -> [UInt8] {
        var bytes = unscaled
        if bytes[0] >= 0x80 {
            var carry = 1
            for index in bytes.indices.reversed() {
                carry += Int(~bytes[index])
                bytes[index] = UInt8(truncatingIfNeeded: carry)
                carry >>= 8
            }
        }
        var digits: [UInt8] = []
        while bytes.contains(where: { $0 != 0 }) {
            var remainder = 0
            for index in bytes.indices {
                remainder = remainder << 8 | Int(bytes[index])
                bytes[index] = UInt8(remainder / 10)
                remainder %= 10
            }
            digits.append(UInt8(remainder))
        }
        return digits.isEmpty ? [0] : digits.reversed()
    }
}
