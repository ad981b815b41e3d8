/// What stands in the progress topic of one partition, whether it can be read or not: enough to replace it.
package struct ProgressRemains: Sendable, Equatable {
    /// Chunks that have a record.
    package private(set) var chunks: Set<Int64> = []
    /// Whether the partition has a record of its own.
    package private(set) var hasPartition = false
    /// The highest sequence that could be read, 0 where there is none.
    package private(set) var sequence: UInt64 = 0
    /// Keys whose last record cannot be read.
    package private(set) var damaged: Set<ProgressKey> = []

    /// Nothing stands there.
    package init() {}

    /// Takes in one record, in log order.
    package mutating func take(_ key: ProgressKey, _ value: UnsafeRawBufferPointer?) {
        switch key {
        case .partition: hasPartition = value != nil
        case .chunk(_, let index):
            if value == nil { chunks.remove(index) } else { chunks.insert(index) }
        }
        damaged.remove(key)
        guard let value else { return }
        do throws(ProgressDamage) {
            sequence = max(sequence, try ProgressCodec.decode(value).stamp.sequence)
        } catch {
            damaged.insert(key)
        }
    }

    /// Records that make everything from `start` on undone, in this order: nothing of what stood there before, and
    /// nothing that cannot be read, counts any more.
    package func resetRecords(owner: ProgressOwner, stamp: ProgressStamp, logStart: Int64) -> [ProgressRecord] {
        // The tombstone makes readers forget a record that they cannot read; the new one follows it.
        chunkTombstones(owner, stamp) + [
            ProgressRecord(key: .partition(owner), stamp: stamp, value: nil),
            ProgressRecord(
                key: .partition(owner), stamp: stamp,
                value: .partition(committed: logStart, logStart: logStart, witness: nil)),
        ]
    }

    /// Tombstones of all that stands there, the partition's own last.
    func tombstones(owner: ProgressOwner, stamp: ProgressStamp) -> [ProgressRecord] {
        let own = ProgressRecord(key: .partition(owner), stamp: stamp, value: nil)
        return chunkTombstones(owner, stamp) + (hasPartition ? [own] : [])
    }

    private func chunkTombstones(_ owner: ProgressOwner, _ stamp: ProgressStamp) -> [ProgressRecord] {
        let old = chunks.union(
            damaged.compactMap { key in
                if case .chunk(_, let index) = key { index } else { nil }
            })
        return old.sorted().map { ProgressRecord(key: .chunk(owner, $0), stamp: stamp, value: nil) }
    }
}
