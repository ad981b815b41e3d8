/// An event's, merchant's or customer's id. Ids are UUIDs, compared whatever their case; what others use is compared
/// byte for byte.
package struct Identifier: Sendable, CustomStringConvertible {
    /// The longest id that is read, in bytes.
    package static let maximumLength = 256

    enum Form: Sendable {
        case uuid(high: UInt64, low: UInt64)
        case other(String)
    }

    let form: Form

    /// The id these bytes write; `nil` if they are empty, longer than 256 or no UTF-8. A UUID takes no allocation.
    package init?(bytes: UnsafeRawBufferPointer) {
        if let (high, low) = Self.parseUUID(bytes) {
            form = .uuid(high: high, low: low)
            return
        }
        guard (1...Self.maximumLength).contains(bytes.count), let text = String(validating: bytes, as: UTF8.self)
        else { return nil }
        form = .other(text)
    }

    /// As `init(bytes:)` of a text's bytes.
    package init?(_ text: String) {
        var text = text
        guard let id = text.withUTF8({ Identifier(bytes: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = id
    }

    /// Whether it is a UUID in canonical form (8-4-4-4-12 hexadecimal digits of either case).
    package var isUUID: Bool {
        if case .uuid = form { true } else { false }
    }

    /// The two halves of a UUID, big-endian; nil for an id that is none.
    package var uuidHalves: (high: UInt64, low: UInt64)? {
        if case .uuid(let high, let low) = form { (high, low) } else { nil }
    }

    /// The id as text: a UUID in lower case, another as it was read.
    package var description: String {
        switch form {
        case .other(let text): text
        case .uuid: String(unsafeUninitializedCapacity: 36) { Self.write(self, into: $0) }
        }
    }

    private static func write(_ id: Identifier, into target: UnsafeMutableBufferPointer<UInt8>) -> Int {
        guard case .uuid(let high, let low) = id.form else { return 0 }
        var position = 0
        for digit in 0..<32 {
            if digit == 8 || digit == 12 || digit == 16 || digit == 20 {
                target[position] = 0x2D
                position += 1
            }
            let word = digit < 16 ? high : low
            let nibble = UInt8(truncatingIfNeeded: word >> UInt64(60 - digit % 16 * 4)) & 0x0F
            target[position] = nibble < 10 ? nibble + 0x30 : nibble + 0x57
            position += 1
        }
        return position
    }

    private static func parseUUID(_ bytes: UnsafeRawBufferPointer) -> (UInt64, UInt64)? {
        guard bytes.count == 36 else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        var digits = 0
        for (position, byte) in bytes.enumerated() {
            if position == 8 || position == 13 || position == 18 || position == 23 {
                guard byte == 0x2D else { return nil }
                continue
            }
            let value: UInt8
            switch byte {
            case 0x30...0x39: value = byte - 0x30
            case 0x61...0x66: value = byte - 0x57
            case 0x41...0x46: value = byte - 0x37
            default: return nil
            }
            if digits < 16 { words.0 = words.0 << 4 | UInt64(value) } else { words.1 = words.1 << 4 | UInt64(value) }
            digits += 1
        }
        return words
    }
}

extension Identifier: Hashable {
    /// The same bytes, or the same UUID in either case.
    package static func == (left: Self, right: Self) -> Bool {
        switch (left.form, right.form) {
        case (.uuid(let high, let low), .uuid(let otherHigh, let otherLow)): high == otherHigh && low == otherLow
        // Not `==`: texts that Unicode calls equivalent are different ids.
        case (.other(let text), .other(let other)): text.utf8.elementsEqual(other.utf8)
        default: false
        }
    }

    /// Equal identifiers hash alike.
    package func hash(into hasher: inout Hasher) {
        switch form {
        case .uuid(let high, let low):
            hasher.combine(high)
            hasher.combine(low)
        case .other(let text):
            for byte in text.utf8 { hasher.combine(byte) }
        }
    }
}
