/// A uuid as its 16 bytes, ordered as PostgreSQL orders them.
package struct PostgresUUID: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The first and the last eight bytes, big-endian.
    package let high: UInt64
    /// The last eight bytes.
    package let low: UInt64

    /// The uuid of these halves.
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads `8-4-4-4-12` hexadecimal digits in either case; nil for anything else.
    package init?(_ text: String) {
        var text = text
        guard let halves = text.withUTF8({ Self.halves($0) }) else { return nil }
        (high, low) = halves
    }

    /// The same of a part of a text.
    package init?(_ text: Substring) { self.init(String(text)) }

    private static func halves(_ bytes: UnsafeBufferPointer<UInt8>) -> (UInt64, UInt64)? {
        guard bytes.count == 36 else { return nil }
        var halves: (UInt64, UInt64) = (0, 0)
        for position in 0..<36 {
            let byte = bytes[position]
            if position == 8 || position == 13 || position == 18 || position == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            let value: UInt8
            switch byte {
            case 0x30...0x39: value = byte - 0x30
            case 0x41...0x46: value = byte - 0x37
            case 0x61...0x66: value = byte - 0x57
            default: return nil
            }
            // The sixteenth digit is the one at position 17.
            if position < 18 {
                halves.0 = halves.0 << 4 | UInt64(value)
            } else {
                halves.1 = halves.1 << 4 | UInt64(value)
            }
        }
        return halves
    }

    /// Lower-case canonical form.
    package var description: String {
        String(unsafeUninitializedCapacity: 36) { target in
            var position = 0
            for digit in 0..<32 {
                if digit == 8 || digit == 12 || digit == 16 || digit == 20 {
                    target[position] = UInt8(ascii: "-")
                    position += 1
                }
                let nibble = UInt8(truncatingIfNeeded: (digit < 16 ? high : low) >> UInt64(60 - digit % 16 * 4)) & 0x0F
                target[position] = nibble < 10 ? nibble + 0x30 : nibble + 0x57
                position += 1
            }
            return position
        }
    }

    /// By bytes, as the server orders them.
    package static func < (left: PostgresUUID, right: PostgresUUID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

/// Where a row stands in its table: a `ctid`.
package struct PostgresRowPlace: Sendable, Hashable, Comparable {
    /// The page, from 0.
    package let block: UInt32
    /// The row's place on its page, from 1.
    package let index: UInt16

    /// The row `index` of page `block`.
    package init(block: UInt32, index: UInt16) {
        self.block = block
        self.index = index
    }

    /// By page, then by place.
    package static func < (left: PostgresRowPlace, right: PostgresRowPlace) -> Bool {
        (left.block, left.index) < (right.block, right.index)
    }
}
