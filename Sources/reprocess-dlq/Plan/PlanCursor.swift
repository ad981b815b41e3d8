/// Finds a plan's entries by offset, holding one block of each partition. Offsets mostly rise; going back is allowed.
/// One thread at a time.
struct PlanCursor {
    private let file: PlanFile
    private var held: [Int32: (index: Int, entries: [PlanEntry], next: Int)] = [:]

    init(_ file: PlanFile) { self.file = file }

    /// The entry for a record; nil where the plan does not name it.
    mutating func entry(partition: Int32, offset: Int64) throws -> PlanEntry? {
        guard let blocks = file.blocks[partition] else { return nil }
        if let block = held[partition].map({ blocks[$0.index] }), block.first <= offset, offset <= block.last {
            return find(partition, offset)
        }
        guard let index = Self.index(of: offset, in: blocks) else { return nil }
        if held[partition]?.index != index {
            held[partition] = (index, try file.entries(of: blocks[index]), 0)
        }
        return find(partition, offset)
    }

    private mutating func find(_ partition: Int32, _ offset: Int64) -> PlanEntry? {
        guard let (_, entries, next) = held[partition] else { return nil }
        var position = next < entries.count && entries[next].offset <= offset ? next : 0
        while position < entries.count, entries[position].offset < offset { position += 1 }
        held[partition]?.next = position
        return position < entries.count && entries[position].offset == offset ? entries[position] : nil
    }

    /// The block in whose span the offset lies.
    private static func index(of offset: Int64, in blocks: [PlanFile.Block]) -> Int? {
        var (low, high) = (0, blocks.count)
        while low < high {
            let middle = (low + high) / 2
            if blocks[middle].last < offset { low = middle + 1 } else { high = middle }
        }
        return low < blocks.count && blocks[low].first <= offset ? low : nil
    }
}
