/// Appends the primitives of the progress format.
struct ByteWriter {
    var bytes: [UInt8] = []

    /// LEB128, least significant group first.
    mutating func varint(_ value: UInt64) {
        var value = value
        while value >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        bytes.append(UInt8(value))
    }

    mutating func zigzag(_ value: Int64) {
        varint(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }

    mutating func text(_ value: String) {
        varint(UInt64(value.utf8.count))
        bytes.append(contentsOf: value.utf8)
    }
}

/// Reads the primitives of the progress format, never past the end.
struct ByteReader {
    let bytes: UnsafeRawBufferPointer
    var position: Int

    var isAtEnd: Bool { position == bytes.count }

    mutating func byte() throws(ProgressDamage) -> UInt8 {
        guard position < bytes.count else { throw .truncated }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func take(_ count: Int) throws(ProgressDamage) -> UnsafeRawBufferPointer {
        guard count <= bytes.count - position else { throw .truncated }
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
    }

    mutating func varint() throws(ProgressDamage) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            let next = try byte()
            if shift == 63 && next > 1 { throw .malformed }
            value |= UInt64(next & 0x7F) << shift
            if next & 0x80 == 0 {
                // A longer spelling of the same number is not what the encoder writes.
                if next == 0 && shift > 0 { throw .malformed }
                return value
            }
        }
        throw .malformed
    }

    mutating func zigzag() throws(ProgressDamage) -> Int64 {
        let value = try varint()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// An offset: 0 or more.
    mutating func offset() throws(ProgressDamage) -> Int64 {
        guard let offset = Int64(exactly: try varint()) else { throw .malformed }
        return offset
    }

    mutating func length(maximum: Int) throws(ProgressDamage) -> Int {
        guard let length = Int(exactly: try varint()), length <= maximum else { throw .malformed }
        return length
    }

    mutating func text(maximum: Int) throws(ProgressDamage) -> String {
        let bytes = try take(try length(maximum: maximum))
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .malformed }
        return text
    }
}
