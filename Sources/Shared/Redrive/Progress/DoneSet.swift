/// The offsets of one partition that are done: all below `committed`, and any number above it.
///
/// A filter leaves records behind, so what is done is no prefix of the partition. The committed offset is the
/// lowest offset that is not done; what is done above it stands in chunks of `DoneChunk.span` offsets.
package struct DoneSet: Sendable {
    /// The lowest offset that is not done.
    package private(set) var committed: Int64
    /// By chunk number (offset / `DoneChunk.span`); none lies wholly below `committed`.
    package private(set) var chunks: [Int64: DoneChunk] = [:]

    /// A set in which exactly the offsets below `committed` (0 or more) are done.
    package init(committed: Int64) {
        self.committed = committed
    }

    /// The number of the chunk that `offset` lies in.
    package static func chunkIndex(of offset: Int64) -> Int64 { offset / Int64(DoneChunk.span) }

    /// Whether `offset` is done.
    package func contains(_ offset: Int64) -> Bool {
        if offset < committed { return true }
        guard let chunk = chunks[Self.chunkIndex(of: offset)] else { return false }
        return chunk.contains(Int(offset % Int64(DoneChunk.span)))
    }

    /// Marks `range` done and moves `committed` over everything that is now done without a gap.
    package mutating func insert(_ range: Range<Int64>) {
        let range = range.clamped(to: committed..<Int64.max)
        guard !range.isEmpty else { return }
        if range.lowerBound == committed {
            let old = committed
            committed = range.upperBound
            advance(from: old)
        } else {
            mark(range)
        }
    }

    /// Marks one offset not done; where it lay below `committed`, that goes back to it.
    package mutating func remove(_ offset: Int64) {
        guard offset < committed else {
            let index = Self.chunkIndex(of: offset)
            chunks[index]?.remove(Int(offset % Int64(DoneChunk.span)))
            if chunks[index]?.count == 0 { chunks[index] = nil }
            return
        }
        let old = committed
        committed = offset
        mark(offset + 1..<old)
    }

    /// Unites with what a progress record says is done in chunk `index`.
    package mutating func insert(chunk: DoneChunk, at index: Int64) {
        let base = index * Int64(DoneChunk.span)
        guard base + Int64(DoneChunk.span) > committed, chunk.count > 0 else { return }
        if chunk.isFull {
            insert(base..<base + Int64(DoneChunk.span))
        } else if chunks[index] == nil {
            // Taken whole: what it says of offsets below `committed` is never looked at.
            chunks[index] = chunk
            advance(from: committed)
        } else {
            for run in chunk.runs { insert(base + Int64(run.lowerBound)..<base + Int64(run.upperBound)) }
        }
    }

    /// How many offsets in `range` are done.
    package func count(in range: Range<Int64>) -> Int64 {
        var total = range.clamped(to: Int64.min..<committed).count64
        let above = range.clamped(to: committed..<Int64.max)
        guard !above.isEmpty else { return total }
        for (index, chunk) in chunks {
            let base = index * Int64(DoneChunk.span)
            let part = above.clamped(to: base..<base + Int64(DoneChunk.span))
            if !part.isEmpty {
                total += Int64(chunk.count(in: Int(part.lowerBound - base)..<Int(part.upperBound - base)))
            }
        }
        return total
    }

    /// How many offsets below `end` are not done: the size of a dead-letter queue whose partition ends there.
    package func remaining(below end: Int64) -> Int64 {
        max(0, end - committed - count(in: committed..<max(committed, end)))
    }

    /// What a progress record for chunk `index`, which ends above `committed`, has to say.
    ///
    /// - Parameter evenIfImplied: also where `committed` says it all, because an older record must be replaced.
    /// - Returns: nil where no record is needed.
    package func chunkToStore(at index: Int64, evenIfImplied: Bool) -> DoneChunk? {
        var chunk = chunks[index] ?? DoneChunk()
        let below = Int(max(0, committed - index * Int64(DoneChunk.span)))
        guard below < DoneChunk.span, evenIfImplied || chunk.firstDone(from: below) < DoneChunk.span else { return nil }
        chunk.insert(0..<below)
        return chunk
    }

    /// The first offset at or after `offset` that is not done.
    package func firstMissing(from offset: Int64) -> Int64 {
        var offset = max(offset, committed)
        while let chunk = chunks[Self.chunkIndex(of: offset)] {
            let base = Self.chunkIndex(of: offset) * Int64(DoneChunk.span)
            let missing = chunk.firstMissing(from: Int(offset - base))
            offset = base + Int64(missing)
            if missing < DoneChunk.span { break }
        }
        return offset
    }

    /// The highest done offset, nil where nothing is.
    package var highestDone: Int64? {
        var end = committed
        for (index, chunk) in chunks where chunk.count > 0 {
            end = max(end, index * Int64(DoneChunk.span) + Int64(chunk.end))
        }
        return end > 0 ? end - 1 : nil
    }

    /// What is done at or above `offset`, as maximal runs, ascending; the first begins at `offset` where
    /// it is done itself.
    package func ranges(from offset: Int64) -> [Range<Int64>] {
        var result: [Range<Int64>] = offset < committed ? [offset..<committed] : []
        let lower = max(offset, committed)
        for (index, chunk) in chunks.sorted(by: { $0.key < $1.key }) {
            let base = index * Int64(DoneChunk.span)
            for run in chunk.runs {
                let range = (base + Int64(run.lowerBound)..<base + Int64(run.upperBound)).clamped(to: lower..<Int64.max)
                if range.isEmpty { continue }
                if let last = result.last, last.upperBound == range.lowerBound {
                    result[result.count - 1] = last.lowerBound..<range.upperBound
                } else {
                    result.append(range)
                }
            }
        }
        return result
    }

    private mutating func mark(_ range: Range<Int64>) {
        var lower = range.lowerBound
        while lower < range.upperBound {
            let index = Self.chunkIndex(of: lower)
            let base = index * Int64(DoneChunk.span)
            let upper = min(range.upperBound, base + Int64(DoneChunk.span))
            chunks[index, default: DoneChunk()].insert(Int(lower - base)..<Int(upper - base))
            lower = upper
        }
    }

    /// Moves `committed` over what was done above it and forgets the chunks that it has passed.
    private mutating func advance(from old: Int64) {
        guard !chunks.isEmpty else { return }
        committed = firstMissing(from: committed)
        let current = Self.chunkIndex(of: committed)
        for index in chunks.keys where index < current && Self.chunkIndex(of: old) < current {
            chunks[index] = nil
        }
    }
}

extension Range<Int64> {
    fileprivate var count64: Int64 { upperBound - lowerBound }
}
