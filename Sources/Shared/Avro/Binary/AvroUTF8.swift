/// UTF-8 as RFC 3629 has it: no over-long forms, no surrogates, nothing above U+10FFFF.
enum AvroUTF8 {
    /// Whether the bytes are UTF-8. Eight at a time while they are ASCII.
    @inline(__always)
    static func isValid(_ start: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        let raw = UnsafeRawPointer(start)
        let high: UInt64 = 0x8080_8080_8080_8080
        if count >= 8 {
            var index = 0
            var seen: UInt64 = 0
            while index &+ 8 <= count {
                seen |= raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                index &+= 8
            }
            seen |= raw.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
            return seen & high == 0 || isValidSlowly(start, count)
        }
        var seen: UInt8 = 0
        for index in 0..<count { seen |= start[index] }
        return seen < 0x80 || isValidSlowly(start, count)
    }

    @inline(never)
    private static func isValidSlowly(_ start: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        var index = 0
        while index < count {
            let first = start[index]
            index += 1
            if first < 0x80 { continue }
            let following: Int
            var range: ClosedRange<UInt8> = 0x80...0xBF
            switch first {
            case 0xC2...0xDF: following = 1
            case 0xE0: (following, range) = (2, 0xA0...0xBF)
            case 0xED: (following, range) = (2, 0x80...0x9F)
            case 0xE1...0xEF: following = 2
            case 0xF0: (following, range) = (3, 0x90...0xBF)
            case 0xF4: (following, range) = (3, 0x80...0x8F)
            case 0xF1...0xF3: following = 3
            default: return false
            }
            guard index + following <= count, range.contains(start[index]) else { return false }
            for place in 1..<following where start[index + place] & 0xC0 != 0x80 { return false }
            index += following
        }
        return true
    }
}
