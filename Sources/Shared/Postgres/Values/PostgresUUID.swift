/// A uuid as its 16 bytes, ordered as PostgreSQL orders them.
package struct PostgresUUID: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The first and the last eight bytes, big-endian.
    package let high: UInt64
    package let low: UInt64

    /// The uuid of these halves.
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads `8-4-4-4-12` hexadecimal digits in either case; nil for anything else.
    package init?(_ text: some StringProtocol) {
        var digits = 0
        var halves: (UInt64, UInt64) = (0, 0)
        var position = 0
        for byte in text.utf8 {
            defer { position += 1 }
            if [8, 13, 18, 23].contains(position) {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let value = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
            if digits < 16 {
                halves.0 = halves.0 << 4 | UInt64(value)
            } else {
                halves.1 = halves.1 << 4 | UInt64(value)
            }
            digits += 1
            guard digits <= 32 else { return nil }
        }
        guard digits == 32, position == 36 else { return nil }
        (high, low) = halves
    }

    /// Lower-case canonical form.
    package var description: String {
        func hex(_ value: UInt64, _ count: Int) -> String {
            let digits = String(value, radix: 16)
            return String(repeating: "0", count: count - digits.count) + digits
        }
        let head = "\(hex(high >> 32, 8))-\(hex(high >> 16 & 0xFFFF, 4))-\(hex(high & 0xFFFF, 4))"
        return "\(head)-\(hex(low >> 48, 4))-\(hex(low & 0xFFFF_FFFF_FFFF, 12))"
    }

    package static func < (left: PostgresUUID, right: PostgresUUID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

/// Where a row stands in its table: a `ctid`.
package struct PostgresRowPlace: Sendable, Hashable, Comparable {
    package let block: UInt32
    package let index: UInt16

    /// The row `index` of page `block`.
    package init(block: UInt32, index: UInt16) {
        self.block = block
        self.index = index
    }

    package static func < (left: PostgresRowPlace, right: PostgresRowPlace) -> Bool {
        (left.block, left.index) < (right.block, right.index)
    }
}
