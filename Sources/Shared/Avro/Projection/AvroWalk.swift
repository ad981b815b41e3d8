/// One datum being checked without making values of it. Takes from the budget exactly what `AvroDecoding` takes.
struct AvroWalk {
    let layout: AvroLayout
    var cursor: AvroCursor
    var budget: AvroBudget

    init(layout: AvroLayout, limits: AvroLimits, bytes: UnsafeRawBufferPointer) {
        self.layout = layout
        cursor = AvroCursor(bytes, maximumLength: limits.length)
        budget = AvroBudget(limits, bytes: bytes.count)
    }

    /// Reads a union's index, pays for the branch's value and returns its node.
    @inline(__always)
    mutating func branch(_ node: AvroLayout.Node) throws(AvroFault) -> Int {
        let branch = try cursor.index(below: node.count, else: .unionBranchOutOfRange)
        try budget.take(items: 1)
        return Int(layout.children[Int(node.first &+ branch)])
    }

    /// Checks the value of a node; the caller has paid for it.
    mutating func skip(_ index: Int) throws(AvroFault) {
        var index = index
        if layout.nodes[index].kind == .union { index = try branch(layout.nodes[index]) }
        let node = layout.nodes[index]
        switch node.kind {
        case .null: break
        case .boolean: _ = try cursor.boolean()
        case .int: _ = try cursor.int()
        case .long: _ = try cursor.long()
        case .float: _ = try cursor.take(4)
        case .double: _ = try cursor.take(8)
        case .bytes: _ = try cursor.sequence()
        case .string: _ = try cursor.text()
        case .fixed: _ = try cursor.take(Int(node.first))
        case .enumeration: _ = try cursor.index(below: node.first, else: .enumIndexOutOfRange)
        case .array, .map: try blocks(node)
        case .union: break  // A branch is never another union.
        case .record:
            try budget.enter()
            try budget.take(items: Int(node.count))
            for child in 0..<Int(node.count) { try skip(Int(layout.children[Int(node.first) &+ child])) }
            budget.leave()
        }
    }

    private mutating func blocks(_ node: AvroLayout.Node) throws(AvroFault) {
        try budget.enter()
        let item = Int(node.first)
        let isMap = node.kind == .map
        let mayBeEmpty = !isMap && layout.nodes[item].mayBeEmpty
        while true {
            let block = try cursor.block(itemMayBeEmpty: mayBeEmpty)
            if block.count == 0, block.end == nil { break }
            try budget.take(items: block.count)
            for _ in 0..<block.count {
                if isMap { _ = try cursor.text() }
                try skip(item)
            }
            if let end = block.end, end != cursor.next { throw .blockSizeWrong }
        }
        budget.leave()
    }

    /// Checks the record at the root and keeps the fields that `slots` gives a place.
    mutating func record(
        _ index: Int, _ slots: UnsafePointer<Int32>, from start: UnsafePointer<UInt8>,
        into fields: UnsafeMutablePointer<AvroProjectedField>
    ) throws(AvroFault) {
        let record = layout.nodes[index]
        try budget.enter()
        try budget.take(items: Int(record.count))
        let children = layout.children + Int(record.first)
        for child in 0..<Int(record.count) {
            var index = Int(children[child])
            if layout.nodes[index].kind == .union { index = try branch(layout.nodes[index]) }
            let slot = Int(slots[child])
            if slot < 0 {
                try skip(index)
            } else {
                fields[slot] = try field(index, from: start)
            }
        }
        budget.leave()
    }

    /// Microseconds as whole milliseconds, rounded down.
    private static func milliseconds(_ microseconds: Int64) -> Int64 {
        microseconds / 1_000 - (microseconds % 1_000 < 0 ? 1 : 0)
    }

    @inline(__always)
    private mutating func field(
        _ index: Int, from start: UnsafePointer<UInt8>
    ) throws(AvroFault) -> AvroProjectedField {
        let node = layout.nodes[index]
        switch node.kind {
        case .null: return .null
        case .int: return .integer(Int64(try cursor.int()))
        case .long:
            let value = try cursor.long()
            switch node.unit {
            case .none: return .integer(value)
            case .milliseconds: return .timestamp(milliseconds: value)
            case .microseconds: return .timestamp(milliseconds: AvroWalk.milliseconds(value))
            }
        case .string:
            let text = try cursor.text()
            return .text(start: cursor.next - start - text.count, count: text.count)
        case .bytes:
            let bytes = try cursor.sequence()
            return .bytes(start: cursor.next - start - bytes.count, count: bytes.count)
        case .fixed:
            let place = try cursor.take(Int(node.first))
            return .bytes(start: place - start, count: Int(node.first))
        default:
            try skip(index)
            return .other
        }
    }
}
