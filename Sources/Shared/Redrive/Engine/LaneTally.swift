/// A lane's counts: what is committed, and what the open transaction will add.
struct LaneTally {
    private(set) var committed = RunTally()
    var pending = RunTally()
    /// By partition, below which offset the records left behind are in `committed`: they are read again after an abort or
    /// a rebalance, and must not be counted again.
    private var counted: [Int32: Int64] = [:]
    private var pendingCounted: [Int32: Int64] = [:]

    /// Counts a record that stays where it is; called in offset order within a partition.
    mutating func leaveBehind(partition: Int32, offset: Int64, isRejected: Bool) {
        guard offset >= counted[partition] ?? 0 else { return }
        if isRejected { pending.rejected += 1 } else { pending.skipped += 1 }
        pendingCounted[partition] = offset + 1
    }

    /// What is pending has become true.
    mutating func commit() {
        committed += pending
        counted.merge(pendingCounted) { $1 }
        drop()
    }

    /// What is pending will not become true.
    mutating func drop() {
        pending = RunTally()
        pendingCounted = [:]
    }
}
