/// Reads the fields of one protocol-buffer message one after the other, in bounds whatever the bytes are.
struct WireReader {
    enum Value: Equatable {
        /// A varint, or a fixed number's bits.
        case number(UInt64)
        case bytes(ArraySlice<UInt8>)
    }

    private var rest: ArraySlice<UInt8>
    private var isMalformed = false

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// Whether the message was read to its end without a fault.
    var isComplete: Bool { rest.isEmpty && !isMalformed }

    /// The next field's number and value; nil at the end or at a fault.
    mutating func next() -> (Int, Value)? {
        if rest.isEmpty || isMalformed { return nil }
        guard let key = varint(), let value = value(wireType: key & 7) else {
            isMalformed = true
            return nil
        }
        return (Int(truncatingIfNeeded: key >> 3), value)
    }

    private mutating func value(wireType: UInt64) -> Value? {
        switch wireType {
        case 0: return varint().map(Value.number)
        case 1: return take(8).map { .number($0.reversed().reduce(0) { $0 << 8 | UInt64($1) }) }
        case 2:
            guard let count = varint(), count <= UInt64(rest.count) else { return nil }
            return take(Int(count)).map(Value.bytes)
        case 5: return take(4).map { .number($0.reversed().reduce(0) { $0 << 8 | UInt64($1) }) }
        default: return nil
        }
    }

    private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    private mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 64, let byte = rest.popFirst() {
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }
}
