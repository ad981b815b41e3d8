/// A lane's counts: what is committed, and what the open transaction will add.
struct LaneTally {
    private(set) var committed = RunTally()
    var pending = RunTally()
    /// By partition, below which offset the records left behind are in `committed`: they are read again after an abort or
    /// a rebalance, and must not be counted again.
    private var counted: [Int32: Int64] = [:]
    /// Refused records that are in `committed`: whether a record is refused shows only after others behind it were
    /// counted. Bounded as the refused ones are.
    private var countedRefused: Set<PublishAttempt> = []
    private var pendingRefused: Set<PublishAttempt> = []

    /// Counts a record that goes to a topic.
    mutating func publish(_ verdict: Verdict, bytes: Int) { count(verdict, 1, bytes: Int64(bytes)) }

    /// It did not get there.
    mutating func takeBack(_ verdict: Verdict, bytes: Int) { count(verdict, -1, bytes: -Int64(bytes)) }

    private mutating func count(_ verdict: Verdict, _ number: Int64, bytes: Int64) {
        switch verdict {
        case .redrive: pending.redriven += number
        case .park(let reason):
            let parked = pending.parked[reason, default: 0] + number
            pending.parked[reason] = parked == 0 ? nil : parked
        case .requeue: pending.requeued += number
        case .drop(nil): pending.skipped += number
        case .drop(let reason?):
            pending.rejected += number
            pending.rejections[reason, default: 0] += number
        case .skip, .reject: return
        }
        pending.bytes += bytes
    }

    /// Counts a record that stays where it is.
    mutating func leaveBehind(partition: Int32, offset: Int64, isRejected: Bool) {
        guard offset >= counted[partition] ?? 0 else { return }
        if isRejected { pending.rejected += 1 } else { pending.skipped += 1 }
    }

    /// Counts a record that stays because no topic takes it, or, where it was not selected, because its own does not.
    mutating func leaveRefused(_ attempt: PublishAttempt) {
        guard !countedRefused.contains(attempt), pendingRefused.insert(attempt).inserted else { return }
        if attempt.byParking { pending.rejected += 1 } else { pending.skipped += 1 }
    }

    /// What is pending has become true; below these positions everything is counted.
    mutating func commit(positions: [Int32: Int64]) {
        committed += pending
        counted.merge(positions) { max($0, $1) }
        countedRefused.formUnion(pendingRefused)
        drop()
    }

    /// What is pending will not become true.
    mutating func drop() {
        pending = RunTally()
        pendingRefused = []
    }
}
