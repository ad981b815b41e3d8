/// Headers to be put on one record, in order: names are literals, values lie in one buffer that is used again for the
/// next record.
///
/// No value is longer than `valueLimit`; what is longer is cut where a UTF-8 sequence ends. One thread at a time.
package struct HeaderBatch: ~Copyable {
    /// The longest value, in bytes.
    package static let valueLimit = 8_192

    private struct Entry {
        let name: HeaderName
        let start: Int
        let count: Int
        /// The record has it already.
        var isKept = false
    }

    private var bytes: [UInt8] = []
    private var entries: [Entry] = []

    /// An empty batch.
    package init() {
        bytes.reserveCapacity(512)
        entries.reserveCapacity(16)
    }

    /// How many headers there are.
    package var count: Int { entries.count }

    /// Empties it for the next record, keeping its memory.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        entries.removeAll(keepingCapacity: true)
    }

    /// Whether the record's own header is one of these, byte for byte: then it stays where it is, and `forEach` does not hand
    /// it out. Not to be asked of a record with doubled headers, all of which go together.
    package mutating func keeps(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?) -> Bool {
        guard let value else { return false }
        for place in entries.indices where entries[place].count == value.count && !entries[place].isKept {
            let entry = entries[place]
            guard
                bytes.withUnsafeBytes({
                    UnsafeRawBufferPointer(rebasing: $0[entry.start..<entry.start + entry.count]).equals(value)
                }), name.equals(entry.name.text)
            else { continue }
            entries[place].isKept = true
            return true
        }
        return false
    }

    /// Hands out every header in order, but not what the record keeps; the bytes are valid inside `body`.
    package func forEach(
        _ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Void
    ) rethrows {
        try bytes.withUnsafeBytes { all in
            for entry in entries where !entry.isKept {
                let text = entry.name.text
                try body(
                    UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount),
                    UnsafeRawBufferPointer(rebasing: all[entry.start..<entry.start + entry.count]))
            }
        }
    }

    mutating func append(_ name: HeaderName, _ value: UnsafeRawBufferPointer) {
        let count = value.utf8PrefixLength(atMost: Self.valueLimit)
        entries.append(Entry(name: name, start: bytes.count, count: count))
        bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: value[..<count]))
    }

    mutating func append(_ name: HeaderName, _ value: StaticString) {
        append(name, UnsafeRawBufferPointer(start: value.utf8Start, count: value.utf8CodeUnitCount))
    }

    mutating func append(_ name: HeaderName, _ value: String) {
        var value = value
        value.withUTF8 { append(name, UnsafeRawBufferPointer($0)) }
    }

    mutating func append(_ name: HeaderName, decimal value: Int64) {
        DecimalText.withText(of: value) { append(name, $0) }
    }

    mutating func append(_ name: HeaderName, time milliseconds: Int64) {
        RFC3339.withText(milliseconds: milliseconds) { append(name, $0) }
    }

    mutating func append(_ name: HeaderName, bigEndian value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { append(name, $0) }
    }
}
