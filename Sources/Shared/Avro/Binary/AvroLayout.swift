/// A schema as flat, trivial values: the codec walks it without touching a reference count.
final class AvroLayout: Sendable {
    enum Kind: UInt8 {
        case null, boolean, int, long, float, double, bytes, string, fixed, enumeration, array, map, union, record
    }

    /// What a long counts, where it is a moment in time.
    enum TimestampUnit: UInt8 {
        case none, milliseconds, microseconds
    }

    struct Node {
        var kind: Kind
        /// Whether a value of the type may take no bytes at all, such as null: only these can be many and cost nothing.
        var mayBeEmpty = false
        var unit = TimestampUnit.none
        /// fixed: size. Enum: number of symbols. Array, map: node of the items. Union, record: first of its children.
        var first: Int32 = 0
        /// Union, record: number of children.
        var count: Int32 = 0
    }

    /// Set once in `init`, only read afterwards, freed in `deinit`: safe to read from every thread.
    nonisolated(unsafe) let nodes: UnsafeMutablePointer<Node>
    /// Node numbers of the children of unions and records; the same invariant.
    nonisolated(unsafe) let children: UnsafeMutablePointer<Int32>
    private let nodeCount: Int
    let childCount: Int

    init(nodes source: [AvroNode]) {
        nodeCount = source.count
        nodes = .allocate(capacity: max(source.count, 1))
        var all: [Int32] = []
        for (index, node) in source.enumerated() {
            var flat = AvroLayout.flatten(node.type, &all)
            if node.logicalType == .timestampMillis { flat.unit = .milliseconds }
            if node.logicalType == .timestampMicros { flat.unit = .microseconds }
            (nodes + index).initialize(to: flat)
        }
        childCount = all.count
        children = .allocate(capacity: max(all.count, 1))
        all.withUnsafeBufferPointer { buffer in
            if let base = buffer.baseAddress { children.initialize(from: base, count: buffer.count) }
        }
        markEmpty()
    }

    deinit {
        nodes.deallocate()
        children.deallocate()
    }

    private static func flatten(_ type: AvroType, _ children: inout [Int32]) -> Node {
        func list(_ kind: Kind, _ ids: [AvroTypeID]) -> Node {
            defer { children += ids.map { Int32($0.index) } }
            return Node(kind: kind, first: Int32(children.count), count: Int32(ids.count))
        }
        switch type {
        case .null: return Node(kind: .null, mayBeEmpty: true)
        case .boolean: return Node(kind: .boolean)
        case .int: return Node(kind: .int)
        case .long: return Node(kind: .long)
        case .float: return Node(kind: .float)
        case .double: return Node(kind: .double)
        case .bytes: return Node(kind: .bytes)
        case .string: return Node(kind: .string)
        case .fixed(let fixed): return Node(kind: .fixed, mayBeEmpty: fixed.size == 0, first: Int32(fixed.size))
        case .enumeration(let enumeration): return Node(kind: .enumeration, first: Int32(enumeration.symbols.count))
        case .array(let items): return Node(kind: .array, first: Int32(items.index))
        case .map(let values): return Node(kind: .map, first: Int32(values.index))
        case .union(let branches): return list(.union, branches)
        case .record(let record): return list(.record, record.fields.map(\.type))
        }
    }

    /// A record may be empty when all its fields may. The greatest solution: a record that holds itself counts as
    /// empty, and then the depth limit stops it.
    private func markEmpty() {
        for index in 0..<nodeCount where nodes[index].kind == .record { nodes[index].mayBeEmpty = true }
        var changed = true
        while changed {
            changed = false
            for index in (0..<nodeCount).reversed() where nodes[index].kind == .record && nodes[index].mayBeEmpty {
                let node = nodes[index]
                for child in 0..<Int(node.count) {
                    let type = nodes[Int(children[Int(node.first) + child])]
                    if !type.mayBeEmpty {
                        nodes[index].mayBeEmpty = false
                        changed = true
                    }
                }
            }
        }
    }
}
