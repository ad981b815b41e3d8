/// How a number stands in a header. Other programs write decimal text, or big-endian two's complement of some width,
/// and a few values could be either; the form says which reading comes first.
package enum HeaderNumber: Sendable, Equatable {
    /// Text if every byte is printable ASCII (then a whole decimal number or malformed), else big-endian of 1 to 8
    /// bytes.
    case text
    /// Big-endian if it has exactly this many bytes, even if all are digits; else as `text`. Spring's numbers.
    case natural(width: Int)
    /// Big-endian in as few bytes as the number needs, so any value of 1 to 8 bytes; longer ones are text. Spring's
    /// `retry_topic-original-timestamp` (Java's BigInteger.toByteArray).
    case shortest

    /// The number a value holds; `nil` if it holds none that 64 bits can carry.
    package func read(_ value: UnsafeRawBufferPointer) -> Int64? {
        switch self {
        case .natural(let width) where value.count == width: return Self.bigEndian(value)
        case .shortest where (1...8).contains(value.count): return Self.bigEndian(value)
        default: break
        }
        guard (1...DecimalText.maximumLength).contains(value.count) else { return nil }
        if value.allSatisfy({ (0x20...0x7E).contains($0) }) { return DecimalText.parse(value) }
        return value.count <= 8 ? Self.bigEndian(value) : nil
    }

    private static func bigEndian(_ value: UnsafeRawBufferPointer) -> Int64? {
        guard let first = value.first else { return nil }
        var result: Int64 = first & 0x80 == 0 ? 0 : -1
        for byte in value { result = result << 8 | Int64(byte) }
        return result
    }
}
