/// One datum being decoded.
struct AvroDecoding {
    let schema: AvroSchema
    let layout: AvroLayout
    var cursor: AvroCursor
    var budget: AvroBudget
    /// Bytes of memory taken for values so far.
    var allocated = 0
    /// Where a fault arose, innermost first; written only while a fault is on its way out.
    var failurePath: [AvroPathComponent] = []

    init(schema: AvroSchema, limits: AvroLimits, bytes: UnsafeRawBufferPointer) {
        self.schema = schema
        layout = schema.layout
        cursor = AvroCursor(bytes, maximumLength: limits.length)
        budget = AvroBudget(limits, bytes: bytes.count)
    }

    mutating func root() throws(AvroFault) -> AvroValue {
        try budget.take(items: 1)
        return try value(schema.root.index)
    }

    func error(_ fault: AvroFault, in bytes: UnsafeRawBufferPointer) -> AvroDecodingError {
        AvroDecodingError(fault: fault, offset: bytes.count - cursor.remaining, path: failurePath.avroPath)
    }

    /// The value of a node; the caller has paid for it.
    mutating func value(_ index: Int) throws(AvroFault) -> AvroValue {
        let node = layout.nodes[index]
        switch node.kind {
        case .null: return .null
        case .boolean: return .boolean(try cursor.boolean())
        case .int: return .int(try cursor.int())
        case .long: return .long(try cursor.long())
        case .float: return .float(Float(bitPattern: try cursor.bits32()))
        case .double: return .double(Double(bitPattern: try cursor.bits64()))
        case .bytes:
            let bytes = try cursor.sequence()
            return .bytes(array(bytes))
        case .string: return .string(try string())
        case .fixed:
            let start = try cursor.take(Int(node.first))
            return .fixed(array(UnsafeBufferPointer(start: start, count: Int(node.first))))
        case .enumeration: return try enumeration(index, node)
        case .array: return .array(try array(of: Int(node.first)))
        case .map: return .map(try map(of: Int(node.first)))
        case .union: return try union(node)
        case .record: return .record(try record(index, node))
        }
    }

    mutating func string() throws(AvroFault) -> String {
        let bytes = try cursor.text()
        // Up to 15 bytes of text stand inside the String itself.
        if bytes.count > 15 { allocated &+= bytes.count &+ 32 }
        return String(decoding: bytes, as: UTF8.self)
    }

    mutating func array(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        if bytes.count > 0 { allocated &+= bytes.count &+ 32 }
        return Array(bytes)
    }

    private mutating func enumeration(_ index: Int, _ node: AvroLayout.Node) throws(AvroFault) -> AvroValue {
        let symbol = try cursor.index(below: node.first, else: .enumIndexOutOfRange)
        guard case .enumeration(let enumeration) = schema.nodes[index].type else { throw .enumIndexOutOfRange }
        return .enumeration(enumeration.symbols[Int(symbol)])
    }

    private mutating func union(_ node: AvroLayout.Node) throws(AvroFault) -> AvroValue {
        let branch = try cursor.index(below: node.count, else: .unionBranchOutOfRange)
        try budget.take(items: 1)
        allocated &+= MemoryLayout<AvroValue>.stride &+ 16
        return .union(branch: Int(branch), try value(Int(layout.children[Int(node.first &+ branch)])))
    }

    private mutating func record(_ index: Int, _ node: AvroLayout.Node) throws(AvroFault) -> [AvroValue] {
        try budget.enter()
        defer { budget.leave() }
        try budget.take(items: Int(node.count))
        guard node.count > 0 else { return [] }
        allocated &+= Int(node.count) &* MemoryLayout<AvroValue>.stride &+ 32
        var values: [AvroValue] = []
        values.reserveCapacity(Int(node.count))
        for child in 0..<Int(node.count) {
            do throws(AvroFault) {
                values.append(try value(Int(layout.children[Int(node.first) &+ child])))
            } catch {
                failurePath.append(.field(fieldName(index, child)))
                throw error
            }
        }
        return values
    }

    func fieldName(_ record: Int, _ field: Int) -> String {
        guard case .record(let record) = schema.nodes[record].type else { return "?" }
        return record.fields[field].name
    }

    mutating func array(of item: Int) throws(AvroFault) -> [AvroValue] {
        var values: [AvroValue] = []
        try blocks(of: item) { run, count throws(AvroFault) in
            run.grow(&values, by: count)
            for _ in 0..<count {
                do throws(AvroFault) {
                    values.append(try run.value(item))
                } catch {
                    run.failurePath.append(.item(values.count))
                    throw error
                }
            }
        }
        return values
    }

    mutating func map(of item: Int) throws(AvroFault) -> [AvroMapEntry] {
        var entries: [AvroMapEntry] = []
        try blocks(of: item, isMap: true) { run, count throws(AvroFault) in
            run.grow(&entries, by: count)
            for _ in 0..<count {
                do throws(AvroFault) {
                    let key = try run.string()
                    entries.append(AvroMapEntry(key: key, value: try run.value(item)))
                } catch {
                    run.failurePath.append(.item(entries.count))
                    throw error
                }
            }
        }
        return entries
    }

    /// Walks the blocks of an array or map; `body` reads the items of one block, which are paid for.
    @inline(__always)
    mutating func blocks(
        of item: Int, isMap: Bool = false, _ body: (inout AvroDecoding, Int) throws(AvroFault) -> Void
    ) throws(AvroFault) {
        try budget.enter()
        defer { budget.leave() }
        let mayBeEmpty = !isMap && layout.nodes[item].mayBeEmpty
        while true {
            let block = try cursor.block(itemMayBeEmpty: mayBeEmpty)
            if block.count == 0, block.end == nil { return }
            try budget.take(items: block.count)
            try body(&self, block.count)
            if let end = block.end, end != cursor.next { throw .blockSizeWrong }
        }
    }

    /// Makes room for a block's items, which are paid for, and counts the memory.
    mutating func grow<Element>(_ values: inout [Element], by count: Int) {
        let needed = values.count &+ count
        guard needed > values.capacity else { return }
        values.reserveCapacity(values.isEmpty ? needed : max(needed, 2 &* values.count))
        allocated &+= values.capacity &* MemoryLayout<Element>.stride &+ 32
    }
}
