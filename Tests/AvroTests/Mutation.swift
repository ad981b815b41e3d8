/// Damages bytes as a hostile or careless sender would.
struct Mutation {
    var random: Seeded

    mutating func damage(_ original: [UInt8], and other: [UInt8]) -> [UInt8] {
        var bytes = original
        for _ in 0...random.below(3) { step(&bytes, other) }
        return bytes
    }

    private mutating func step(_ bytes: inout [UInt8], _ other: [UInt8]) {
        guard !bytes.isEmpty else {
            bytes = (0..<random.below(40)).map { _ in UInt8(random.below(256)) }
            return
        }
        let place = random.below(bytes.count)
        switch random.below(9) {
        case 0, 1: bytes[place] ^= 1 << UInt8(random.below(8))
        case 2: bytes.removeSubrange(place...)
        case 3: bytes.insert(contentsOf: (0...random.below(4)).map { _ in UInt8(random.below(256)) }, at: place)
        case 4: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.below(4)))
        case 5: bytes.replaceSubrange(place..., with: other.suffix(random.below(other.count + 1)))
        case 6: bytes.replaceSubrange(place..<place + 1, with: hostileInteger())
        case 7: bytes[place] = random.pick([0, 1, 2, 3, 0x7F, 0x80, 0xFF])
        default: bytes = (0..<random.below(64)).map { _ in UInt8(random.below(256)) }
        }
    }

    /// Lengths and counts that ask for the impossible.
    private mutating func hostileInteger() -> [UInt8] {
        random.pick([
            [0xFE, 0xFF, 0xFF, 0xFF, 0x0F], [0xFF, 0xFF, 0xFF, 0xFF, 0x0F],
            [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
            [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
            [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], [0x80, 0x00], [0x80, 0x7D],
            [0xC0, 0x3E],
        ])
    }
}
