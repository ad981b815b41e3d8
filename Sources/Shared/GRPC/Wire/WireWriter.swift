/// Writes the few protocol-buffer messages that gRPC itself has (status details, health), fields in order.
struct WireWriter {
    private(set) var bytes: [UInt8] = []

    /// A varint field; 0 is left out, as proto3 does.
    mutating func number(_ field: Int, _ value: Int64) {
        if value == 0 { return }
        varint(UInt64(field) << 3)
        varint(UInt64(bitPattern: value))
    }

    /// A string field; the empty one is left out.
    mutating func text(_ field: Int, _ value: String) { bytes(field, Array(value.utf8)) }

    /// A bytes field; the empty one is left out.
    mutating func bytes(_ field: Int, _ value: [UInt8]) {
        if value.isEmpty { return }
        prefix(field, value.count)
        bytes += value
    }

    /// A message field, present even if it is empty.
    mutating func message(_ field: Int, _ content: (inout WireWriter) -> Void) {
        var inner = WireWriter()
        content(&inner)
        prefix(field, inner.bytes.count)
        bytes += inner.bytes
    }

    private mutating func prefix(_ field: Int, _ count: Int) {
        varint(UInt64(field) << 3 | 2)
        varint(UInt64(count))
    }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest > 127 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
