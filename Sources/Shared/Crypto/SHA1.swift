/// SHA-1 (FIPS 180-4), for names that protocols derive with it: version 5 UUIDs and Redis' script digests. Not for
/// security.
///
/// Not libcrypto's, because a configuration may withhold SHA-1, and these names are needed regardless.
package enum SHA1 {
    /// A digest's length in bytes.
    package static let byteCount = 20

    /// The digest of one message.
    package static func digest(of message: some Sequence<UInt8>) -> [UInt8] {
        var state: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
        var block: [UInt8] = []
        var count: UInt64 = 0
        for byte in message {
            block.append(byte)
            count += 1
            if block.count == 64 {
                mix(block, into: &state)
                block.removeAll(keepingCapacity: true)
            }
        }
        block.append(0x80)
        if block.count > 56 {
            block.append(contentsOf: repeatElement(0, count: 64 - block.count))
            mix(block, into: &state)
            block.removeAll(keepingCapacity: true)
        }
        block.append(contentsOf: repeatElement(0, count: 56 - block.count))
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            block.append(UInt8(truncatingIfNeeded: (count &* 8) >> shift))
        }
        mix(block, into: &state)
        return state.flatMap { word in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) } }
    }

    /// The digest as 40 lower-case hexadecimal digits.
    package static func hexadecimal(of message: some Sequence<UInt8>) -> String {
        digest(of: message).withUnsafeBytes { Hexadecimal.encode($0) }
    }

    private static func mix(_ block: [UInt8], into state: inout [UInt32]) {
        var words = [UInt32](repeating: 0, count: 80)
        for index in 0..<16 {
            for byte in block[(index * 4)..<(index * 4 + 4)] { words[index] = words[index] << 8 | UInt32(byte) }
        }
        for index in 16..<80 {
            words[index] = rotated(words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16], by: 1)
        }
        var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
        for index in 0..<80 {
            let (mixed, constant): (UInt32, UInt32) =
                switch index {
                case 0..<20: ((b & c) | (~b & d), 0x5A82_7999)
                case 20..<40: (b ^ c ^ d, 0x6ED9_EBA1)
                case 40..<60: ((b & c) | (b & d) | (c & d), 0x8F1B_BCDC)
                default: (b ^ c ^ d, 0xCA62_C1D6)
                }
            let next = rotated(a, by: 5) &+ mixed &+ e &+ constant &+ words[index]
            (a, b, c, d, e) = (next, a, rotated(b, by: 30), c, d)
        }
        for (index, word) in [a, b, c, d, e].enumerated() { state[index] &+= word }
    }

    private static func rotated(_ word: UInt32, by count: UInt32) -> UInt32 { word << count | word >> (32 - count) }
}
