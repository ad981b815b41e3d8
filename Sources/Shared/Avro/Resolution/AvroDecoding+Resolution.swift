extension AvroDecoding {
    /// The reader's value for the writer's data at the cursor; the caller has paid for it.
    mutating func resolved(_ plan: AvroResolutionPlan, _ index: Int) throws(AvroFault) -> AvroValue {
        switch plan.steps[index] {
        case .same(let node): return try value(node)
        case .promote(let promotion): return try promoted(promotion)
        case .enumeration(let symbols):
            let index = try cursor.index(below: Int32(symbols.count), else: .enumIndexOutOfRange)
            guard let symbol = symbols[Int(index)] else { throw .noReaderSymbol }
            return .enumeration(symbol)
        case .array(let step, let item):
            var values: [AvroValue] = []
            try blocks(of: item) { run, count throws(AvroFault) in
                run.grow(&values, by: count)
                for _ in 0..<count {
                    let value = try run.inside(.item(values.count)) { run throws(AvroFault) in
                        try run.resolved(plan, step)
                    }
                    values.append(value)
                }
            }
            return .array(values)
        case .map(let step, let item):
            var entries: [AvroMapEntry] = []
            try blocks(of: item, isMap: true) { run, count throws(AvroFault) in
                run.grow(&entries, by: count)
                for _ in 0..<count {
                    let entry = try run.inside(.item(entries.count)) { run throws(AvroFault) in
                        AvroMapEntry(key: try run.string(), value: try run.resolved(plan, step))
                    }
                    entries.append(entry)
                }
            }
            return .map(entries)
        case .record(let record): return .record(try resolved(plan, record))
        case .writerUnion(let steps):
            let branch = try cursor.index(below: Int32(steps.count), else: .unionBranchOutOfRange)
            try budget.take(items: 1)
            return try resolved(plan, steps[Int(branch)])
        case .readerBranch(let branch, let step):
            allocated &+= MemoryLayout<AvroValue>.stride &+ 16
            return .union(branch: branch, try resolved(plan, step))
        case .impossible: throw .noReaderBranch
        }
    }

    private mutating func resolved(
        _ plan: AvroResolutionPlan, _ record: AvroResolutionPlan.RecordPlan
    ) throws(AvroFault) -> [AvroValue] {
        try budget.enter()
        defer { budget.leave() }
        try budget.take(items: record.fields.count)
        var values = record.template
        allocated &+= values.count &* MemoryLayout<AvroValue>.stride &+ 32
        for field in record.fields {
            try inside(.field(field.name)) { run throws(AvroFault) in
                if let target = field.target {
                    values[target.field] = try run.resolved(plan, target.step)
                } else {
                    _ = try run.value(field.writerNode)
                }
            }
        }
        return values
    }

    /// Adds a step to the path of a fault on its way out.
    @inline(__always)
    private mutating func inside<Result>(
        _ component: @autoclosure () -> AvroPathComponent,
        _ body: (inout AvroDecoding) throws(AvroFault) -> Result
    ) throws(AvroFault) -> Result {
        do throws(AvroFault) {
            return try body(&self)
        } catch {
            failurePath.append(component())
            throw error
        }
    }

    private mutating func promoted(_ promotion: AvroResolutionPlan.Promotion) throws(AvroFault) -> AvroValue {
        switch promotion {
        case .intToLong: return .long(Int64(try cursor.int()))
        case .intToFloat: return .float(Float(try cursor.int()))
        case .intToDouble: return .double(Double(try cursor.int()))
        case .longToFloat: return .float(Float(try cursor.long()))
        case .longToDouble: return .double(Double(try cursor.long()))
        case .floatToDouble: return .double(Double(Float(bitPattern: try cursor.bits32())))
        case .stringToBytes: return .bytes(array(try cursor.text()))
        case .bytesToString: return .string(try string())
        }
    }
}
