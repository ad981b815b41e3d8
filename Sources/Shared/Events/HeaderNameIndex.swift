import Glibc

/// Finds the `HeaderName` of raw bytes: a hash table of 256 slots over length, first and last bytes, then one
/// comparison.
///
/// `@unchecked Sendable`: the memory is filled in `init`, never written again, and lives as long as the process.
struct HeaderNameIndex: @unchecked Sendable {
    static let shared = HeaderNameIndex()

    private static let empty = UInt8.max
    private static let shortest = 12
    private static let longest = 37

    /// A slot holds a name's raw value, or `empty`.
    private let slots: UnsafePointer<UInt8>
    private let names: UnsafePointer<UnsafeRawBufferPointer>

    private init() {
        let names = UnsafeMutablePointer<UnsafeRawBufferPointer>.allocate(capacity: HeaderName.allCases.count)
        let slots = UnsafeMutablePointer<UInt8>.allocate(capacity: 256)
        slots.initialize(repeating: Self.empty, count: 256)
        for name in HeaderName.allCases {
            let text = UnsafeRawBufferPointer(start: name.text.utf8Start, count: name.text.utf8CodeUnitCount)
            precondition((Self.shortest...Self.longest).contains(text.count), "the bounds fit every name")
            (names + Int(name.rawValue)).initialize(to: text)
            var slot = Self.slot(of: text)
            while slots[slot] != Self.empty { slot = (slot + 1) & 0xFF }
            slots[slot] = name.rawValue
        }
        self.names = UnsafePointer(names)
        self.slots = UnsafePointer(slots)
    }

    /// The name that these bytes are, if it is one whose value is read.
    func name(of bytes: UnsafeRawBufferPointer) -> HeaderName? {
        guard bytes.count >= Self.shortest, bytes.count <= Self.longest else { return nil }
        var slot = Self.slot(of: bytes)
        while true {
            let raw = slots[slot]
            guard raw != Self.empty else { return nil }
            if names[Int(raw)].equals(bytes) { return HeaderName(rawValue: raw) }
            slot = (slot + 1) & 0xFF
        }
    }

    private static func slot(of bytes: UnsafeRawBufferPointer) -> Int {
        let first = bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)
        let last = bytes.loadUnaligned(fromByteOffset: bytes.count - 8, as: UInt64.self)
        let mixed = (first &* 0x9E37_79B9_7F4A_7C15 ^ last) &* 0xD6E8_FEB8_6659_FD93 &+ UInt64(bytes.count) << 56
        return Int(truncatingIfNeeded: mixed >> 56)
    }
}
