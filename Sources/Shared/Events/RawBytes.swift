import Glibc

extension UnsafeRawBufferPointer {
    /// Whether these are the bytes of a literal.
    func equals(_ text: StaticString) -> Bool {
        count == text.utf8CodeUnitCount && starts(withLiteral: text)
    }

    /// Whether these bytes begin with a literal's.
    func starts(withLiteral text: StaticString) -> Bool {
        guard count >= text.utf8CodeUnitCount, let baseAddress else { return false }
        return memcmp(baseAddress, text.utf8Start, text.utf8CodeUnitCount) == 0
    }

    /// Whether two runs of bytes are the same.
    func equals(_ other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        guard let baseAddress, let otherBase = other.baseAddress else { return count == 0 }
        return memcmp(baseAddress, otherBase, count) == 0
    }

    /// How many of these bytes to keep so that at most `limit` remain and no UTF-8 sequence is cut in two; bytes that
    /// are no UTF-8 are cut at the limit.
    func utf8PrefixLength(atMost limit: Int) -> Int {
        guard count > limit else { return count }
        var end = limit
        while end > 0, limit - end < 4, self[end] & 0xC0 == 0x80 { end -= 1 }
        return self[end] & 0xC0 == 0x80 ? limit : end
    }
}
