/// One partition in a lane's hands.
struct PartitionState: Sendable {
    let partition: Int32
    /// What is done, the open transaction's records included: dropped and read again when it aborts.
    var done: DoneSet
    var storedChunks: Set<Int64>
    /// Chunks that the open transaction changed.
    var touchedChunks: Set<Int64>
    var sequence: UInt64
    var logStart: Int64
    var witness: Witness?
    /// The next offset to be read.
    var position: Int64
    /// Where the run stops; nil follows the partition for ever.
    let end: Int64?
    /// Whether the open transaction changes anything here.
    var changed: Bool
    var needsLoad = false
    /// Offsets not done below the end, as it was when this was loaded or last committed.
    private(set) var settledRemaining: Int64

    init(_ start: PartitionStart, end: Int64?) {
        partition = start.partition
        done = start.done
        storedChunks = start.storedChunks
        touchedChunks = start.touchedChunks
        sequence = start.sequence
        logStart = start.logStart
        witness = start.witness
        position = start.done.firstMissing(from: start.done.committed)
        self.end = end
        changed = start.gone > 0 || !start.touchedChunks.isEmpty
        settledRemaining = start.done.remaining(below: end ?? position)
    }

    /// Offsets not done below the end, what the open transaction holds counting as done.
    var remaining: Int64 { done.remaining(below: end ?? position) }

    var isFinished: Bool {
        guard let end else { return false }
        return position >= end
    }

    /// Whether the record at `offset` will not be read again.
    func hasPassed(_ offset: Int64) -> Bool { !needsLoad && position > offset }

    /// Looks at a record before it is decoded, and moves over it where there is nothing to do.
    ///
    /// - Returns: whether it needs a verdict.
    mutating func pass(_ offset: Int64) -> Bool {
        guard !needsLoad, offset >= position else { return false }
        if let end, offset >= end {
            passGap(to: end)
            return false
        }
        guard done.contains(offset) else { return true }
        passGap(to: offset)
        position = offset + 1
        return false
    }

    /// The open transaction is lost: nothing of what stands here may be committed before it has been read again.
    mutating func invalidate() {
        needsLoad = true
        changed = false
        touchedChunks.removeAll(keepingCapacity: true)
    }

    /// Marks offsets done and remembers which chunks that touched. Bits below the committed offset need no record.
    mutating func markDone(_ range: Range<Int64>) {
        guard !range.isEmpty else { return }
        done.insert(range)
        changed = true
        if range.upperBound > done.committed {
            for index in DoneSet.chunkIndex(of: range.lowerBound)...DoneSet.chunkIndex(of: range.upperBound - 1) {
                touchedChunks.insert(index)
            }
        }
    }

    /// The record did not reach its topic, while others of the open transaction did: it is read again after the commit.
    mutating func markUndone(_ offset: Int64) {
        let before = done.committed
        done.remove(offset)
        changed = true
        needsLoad = true
        // Where the committed offset goes back, what is done above it was in no chunk's record so far.
        for index in DoneSet.chunkIndex(of: offset)...DoneSet.chunkIndex(of: max(offset, before - 1)) {
            touchedChunks.insert(index)
        }
    }

    /// Offsets up to `offset` that held no record (markers, compaction, aborted records) count as done.
    mutating func passGap(to offset: Int64) {
        if offset > position {
            markDone(position..<offset)
            position = offset
        }
    }

    /// The records that the open transaction has to write for this partition: its own first, tombstones (of chunks
    /// that lie wholly below the committed offset) last, so that no prefix of them says less than was said before.
    func progressRecords(owner: ProgressOwner, stamp: ProgressStamp) -> [ProgressRecord] {
        let own = ProgressRecord(
            key: .partition(owner), stamp: stamp,
            value: .partition(committed: done.committed, logStart: logStart, witness: witness))
        let current = DoneSet.chunkIndex(of: done.committed)
        let passed = storedChunks.filter { $0 < current }
        return [own]
            + touchedChunks.union(passed).sorted(by: >).compactMap { index in
                if index >= current {
                    guard let chunk = done.chunkToStore(at: index, evenIfImplied: storedChunks.contains(index))
                    else { return nil }
                    return ProgressRecord(key: .chunk(owner, index), stamp: stamp, value: .chunk(chunk))
                }
                return storedChunks.contains(index)
                    ? ProgressRecord(key: .chunk(owner, index), stamp: stamp, value: nil) : nil
            }
    }

    /// The transaction with `progressRecords` has committed.
    mutating func committed(sequence: UInt64) {
        self.sequence = sequence
        let current = DoneSet.chunkIndex(of: done.committed)
        for index in touchedChunks where done.chunkToStore(at: index, evenIfImplied: false) != nil {
            storedChunks.insert(index)
        }
        storedChunks = storedChunks.filter { $0 >= current }
        touchedChunks.removeAll(keepingCapacity: true)
        changed = false
        settledRemaining = remaining
    }
}
