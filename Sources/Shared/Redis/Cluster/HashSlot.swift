/// Which of a cluster's 16,384 slots a key lies in: CRC16 (XMODEM) of the key, or of its hash tag, by the cluster
/// specification.
package enum HashSlot {
    /// How many slots a cluster has.
    package static let count = 16_384

    private static let table: [UInt16] = (0..<256).map { index in
        (0..<8).reduce(UInt16(index) << 8) { value, _ in value & 0x8000 != 0 ? value << 1 ^ 0x1021 : value << 1 }
    }

    /// The slot of a key.
    package static func of(key: UnsafeRawBufferPointer) -> UInt16 { crc16(tag(of: key)) % UInt16(count) }

    /// The slot of a key.
    package static func of(_ key: String) -> UInt16 {
        var key = key
        return key.withUTF8 { of(key: UnsafeRawBufferPointer($0)) }
    }

    /// The part that decides: what stands between the first `{` and the first `}` after it, if anything does.
    private static func tag(of key: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        guard let open = key.firstIndex(of: UInt8(ascii: "{")),
            let close = key[(open + 1)...].firstIndex(of: UInt8(ascii: "}")), close > open + 1
        else { return key }
        return UnsafeRawBufferPointer(rebasing: key[(open + 1)..<close])
    }

    static func crc16(_ bytes: UnsafeRawBufferPointer) -> UInt16 {
        table.withUnsafeBufferPointer { table in
            bytes.reduce(UInt16(0)) { $0 << 8 ^ table[Int(UInt8(truncatingIfNeeded: $0 >> 8) ^ $1)] }
        }
    }
}
