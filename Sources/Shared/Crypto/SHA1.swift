/// SHA-1 (FIPS 180-4), for names that protocols derive with it: version 5 UUIDs and Redis' script digests. Not for
/// security.
///
/// Not libcrypto's, because a configuration may withhold SHA-1, and these names are needed regardless.
package enum SHA1 {
    /// A digest's length in bytes.
    package static let byteCount = 20

    /// The digest of one message.
    package static func digest(of message: some Sequence<UInt8>) -> [UInt8] {
        var padded = Array(message)
        let bits = UInt64(padded.count) &* 8
        padded.append(0x80)
        padded.append(contentsOf: repeatElement(0, count: (120 - padded.count % 64) % 64))
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            padded.append(UInt8(truncatingIfNeeded: bits >> shift))
        }
        var state: State = (0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0)
        padded.withUnsafeBytes { bytes in
            withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 80) { words in
                for start in stride(from: 0, to: bytes.count, by: 64) {
                    mix(UnsafeRawBufferPointer(rebasing: bytes[start..<start + 64]), words, into: &state)
                }
            }
        }
        let words = (
            state.0.bigEndian, state.1.bigEndian, state.2.bigEndian, state.3.bigEndian, state.4.bigEndian
        )
        return withUnsafeBytes(of: words) { Array($0) }
    }

    /// The digest as 40 lower-case hexadecimal digits.
    package static func hexadecimal(of message: some Sequence<UInt8>) -> String {
        digest(of: message).withUnsafeBytes { Hexadecimal.encode($0) }
    }

    private typealias State = (UInt32, UInt32, UInt32, UInt32, UInt32)

    private static func mix(
        _ block: UnsafeRawBufferPointer, _ words: UnsafeMutableBufferPointer<UInt32>, into state: inout State
    ) {
        for index in 0..<16 {
            words[index] = UInt32(bigEndian: block.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self))
        }
        for index in 16..<80 {
            words[index] = rotated(words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16], by: 1)
        }
        var (a, b, c, d, e) = state
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
        state = (state.0 &+ a, state.1 &+ b, state.2 &+ c, state.3 &+ d, state.4 &+ e)
    }

    private static func rotated(_ word: UInt32, by count: UInt32) -> UInt32 { word << count | word >> (32 - count) }
}
