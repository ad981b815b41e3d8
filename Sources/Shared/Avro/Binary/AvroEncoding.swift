/// One value being encoded.
struct AvroEncoding {
    let schema: AvroSchema
    var bytes: [UInt8]
    /// Where a mismatch arose, innermost first.
    private var failurePath: [AvroPathComponent] = []

    struct Mismatch: Error {
        let reason: String
    }

    init(schema: AvroSchema, bytes: [UInt8]) {
        self.schema = schema
        self.bytes = bytes
    }

    var path: String { failurePath.avroPath }

    mutating func value(_ value: AvroValue, _ index: Int, depth: Int) throws(Mismatch) {
        guard depth < 256 else { throw Mismatch(reason: "values nest deeper than 256 levels") }
        switch (schema.nodes[index].type, value) {
        case (.null, .null): break
        case (.boolean, .boolean(let value)): bytes.append(value ? 1 : 0)
        case (.int, .int(let value)): append(long: Int64(value))
        case (.long, .long(let value)): append(long: value)
        case (.float, .float(let value)): append(bits: value.bitPattern.littleEndian)
        case (.double, .double(let value)): append(bits: value.bitPattern.littleEndian)
        case (.bytes, .bytes(let value)):
            append(long: Int64(value.count))
            bytes.append(contentsOf: value)
        case (.string, .string(let value)): append(value)
        case (.fixed(let fixed), .fixed(let value)):
            guard value.count == fixed.size else { throw Mismatch(reason: "a fixed of another size") }
            bytes.append(contentsOf: value)
        case (.enumeration(let enumeration), .enumeration(let symbol)):
            guard let position = enumeration.indexOfSymbol[symbol] else {
                throw Mismatch(reason: "no symbol of \(enumeration.named.fullName)")
            }
            append(long: Int64(position))
        case (.array(let type), .array(let values)):
            try items(values, depth) { run, item throws(Mismatch) in
                try run.value(item, type.index, depth: depth + 1)
            }
        case (.map(let type), .map(let entries)):
            try items(entries, depth) { run, entry throws(Mismatch) in
                run.append(entry.key)
                try run.value(entry.value, type.index, depth: depth + 1)
            }
        case (.union(let branches), .union(let branch, let value)):
            guard branches.indices.contains(branch) else { throw Mismatch(reason: "a union has no such branch") }
            append(long: Int64(branch))
            try self.value(value, branches[branch].index, depth: depth)
        case (.record(let record), .record(let values)): try self.record(record, values, depth)
        default:
            let type = schema.nodes[index].type
            throw Mismatch(reason: "the value is not of type \(type.named?.fullName ?? type.name)")
        }
    }

    private mutating func record(_ record: AvroRecord, _ values: [AvroValue], _ depth: Int) throws(Mismatch) {
        guard values.count == record.fields.count else {
            throw Mismatch(
                reason: "\(values.count) fields for \(record.named.fullName), which has \(record.fields.count)")
        }
        for index in values.indices {
            do throws(Mismatch) {
                try value(values[index], record.fields[index].type.index, depth: depth + 1)
            } catch {
                failurePath.append(.field(record.fields[index].name))
                throw error
            }
        }
    }

    @inline(__always)
    private mutating func items<Element>(
        _ elements: [Element], _ depth: Int, _ body: (inout AvroEncoding, Element) throws(Mismatch) -> Void
    ) throws(Mismatch) {
        if !elements.isEmpty {
            append(long: Int64(elements.count))
            for index in elements.indices {
                do throws(Mismatch) {
                    try body(&self, elements[index])
                } catch {
                    failurePath.append(.item(index))
                    throw error
                }
            }
        }
        bytes.append(0)
    }

    private mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            append(long: Int64(utf8.count))
            bytes.append(contentsOf: utf8)
        }
    }

    /// Zigzag and variable length (Avro 1.11, "Binary Encoding").
    mutating func append(long value: Int64) {
        var rest = UInt64(bitPattern: (value << 1) ^ (value >> 63))
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    private mutating func append(bits: some FixedWidthInteger) {
        withUnsafeBytes(of: bits) { bytes.append(contentsOf: $0) }
    }
}
