/// One value being encoded.
struct AvroEncoding: ~Copyable {
    let schema: AvroSchema
    let layout: AvroLayout
    var output = AvroOutput()
    /// Where a mismatch arose, innermost first; written only while one is on its way out.
    private var failurePath: [AvroPathComponent] = []

    struct Mismatch: Error {
        let reason: String
    }

    init(schema: AvroSchema) {
        self.schema = schema
        layout = schema.layout
    }

    var path: String { failurePath.avroPath }

    mutating func value(_ value: AvroValue, _ index: Int, depth: Int) throws(Mismatch) {
        let node = layout.nodes[index]
        switch value {
        case .null: try expect(.null, node, index)
        case .boolean(let flag):
            try expect(.boolean, node, index)
            output.append(flag ? 1 : 0)
        case .int(let number):
            try expect(.int, node, index)
            output.append(long: Int64(number))
        case .long(let number):
            try expect(.long, node, index)
            output.append(long: number)
        case .float(let number):
            try expect(.float, node, index)
            output.append(bits: number.bitPattern)
        case .double(let number):
            try expect(.double, node, index)
            output.append(bits: number.bitPattern)
        case .bytes(let bytes):
            try expect(.bytes, node, index)
            output.append(long: Int64(bytes.count))
            bytes.withUnsafeBytes { output.append($0) }
        case .string(let text):
            try expect(.string, node, index)
            output.append(text)
        case .fixed(let bytes):
            try expect(.fixed, node, index)
            guard bytes.count == Int(node.first) else { throw Mismatch(reason: "a fixed of another size") }
            bytes.withUnsafeBytes { output.append($0) }
        case .enumeration(let symbol):
            try expect(.enumeration, node, index)
            try enumeration(symbol, index)
        case .array(let values):
            try expect(.array, node, index)
            try array(values, Int(node.first), depth)
        case .map(let entries):
            try expect(.map, node, index)
            try map(entries, Int(node.first), depth)
        case .union(let branch, let inner):
            try expect(.union, node, index)
            guard branch >= 0, branch < Int(node.count) else { throw Mismatch(reason: "a union has no such branch") }
            output.append(long: Int64(branch))
            try self.value(inner, Int(layout.children[Int(node.first) &+ branch]), depth: depth)
        case .record(let values):
            try expect(.record, node, index)
            try record(values, index, node, depth)
        }
    }

    @inline(__always)
    private func expect(_ kind: AvroLayout.Kind, _ node: AvroLayout.Node, _ index: Int) throws(Mismatch) {
        guard node.kind == kind else {
            let type = schema.nodes[index].type
            throw Mismatch(reason: "the value is not of type \(type.named?.fullName ?? type.name)")
        }
    }

    private func enter(_ depth: Int) throws(Mismatch) {
        guard depth < 256 else { throw Mismatch(reason: "values nest deeper than 256 levels") }
    }

    private mutating func enumeration(_ symbol: String, _ index: Int) throws(Mismatch) {
        guard case .enumeration(let enumeration) = schema.nodes[index].type,
            let position = enumeration.indexOfSymbol[symbol]
        else { throw Mismatch(reason: "no symbol of the enum") }
        output.append(long: Int64(position))
    }

    private mutating func record(
        _ values: [AvroValue], _ index: Int, _ node: AvroLayout.Node, _ depth: Int
    ) throws(Mismatch) {
        try enter(depth)
        guard values.count == Int(node.count) else {
            throw Mismatch(reason: "\(values.count) fields for a record that has \(node.count)")
        }
        var child = 0
        for field in values {
            do throws(Mismatch) {
                try value(field, Int(layout.children[Int(node.first) &+ child]), depth: depth + 1)
            } catch {
                if case .record(let record) = schema.nodes[index].type {
                    failurePath.append(.field(record.fields[child].name))
                }
                throw error
            }
            child &+= 1
        }
    }

    /// One block, and the end.
    private mutating func array(_ values: [AvroValue], _ item: Int, _ depth: Int) throws(Mismatch) {
        try enter(depth)
        if !values.isEmpty { output.append(long: Int64(values.count)) }
        for (position, element) in values.enumerated() {
            do throws(Mismatch) {
                try value(element, item, depth: depth + 1)
            } catch {
                failurePath.append(.item(position))
                throw error
            }
        }
        output.append(0)
    }

    private mutating func map(_ entries: [AvroMapEntry], _ item: Int, _ depth: Int) throws(Mismatch) {
        try enter(depth)
        if !entries.isEmpty { output.append(long: Int64(entries.count)) }
        for (position, entry) in entries.enumerated() {
            output.append(entry.key)
            do throws(Mismatch) {
                try value(entry.value, item, depth: depth + 1)
            } catch {
                failurePath.append(.item(position))
                throw error
            }
        }
        output.append(0)
    }
}
