/// Which records no broker takes, and the search for them.
///
/// A broker that objects to one record refuses the whole batch, and the batch says not which. So its records become
/// suspects, and transactions hold half of them and nothing else: one that commits clears its records, one that is
/// refused leaves fewer suspects, and the last one left is the offender. Every step at least halves them or commits.
struct RefusalSearch: Sendable {
    /// Records that are refused for good. Bounded by `maximum`: those that were set aside are forgotten.
    private(set) var refused: Set<PublishAttempt> = []
    /// Records of a batch that was refused; at most as many as one batch holds.
    private var suspects: Set<PublishAttempt> = []
    /// After a find the most records of a transaction; it doubles with every commit. Where offenders stand close
    /// together, a batch of thousands would have to be searched for each.
    private var caution: Int?

    /// Refused records that are remembered at most.
    static let maximum = 50_000

    /// The most records that a transaction may hold now; nil where the search demands nothing.
    var recordLimit: Int? { suspects.isEmpty ? caution : max(1, suspects.count / 2) }

    /// Whether a search is under way.
    var isSearching: Bool { !suspects.isEmpty }

    func suspects(_ partition: Int32, _ offset: Int64) -> Bool {
        suspects.contains(.init(partition: partition, offset: offset, byParking: false))
            || suspects.contains(.init(partition: partition, offset: offset, byParking: true))
    }

    func isRefused(_ partition: Int32, _ offset: Int64, byParking: Bool) -> Bool {
        refused.contains(.init(partition: partition, offset: offset, byParking: byParking))
    }

    /// Takes in what was refused.
    ///
    /// - Returns: whether that brings the search forward.
    mutating func learn(_ records: RefusedRecords) -> Bool {
        var isForward = false
        for attempt in records.singly { isForward = refused.insert(attempt).inserted || isForward }
        guard !records.inBatches.isEmpty else { return isForward }
        if records.inBatches.count == 1 {
            isForward = refused.insert(records.inBatches[0]).inserted || isForward
            suspects = []
            caution = 1
            return isForward
        }
        let before = suspects.count
        let left = suspects.intersection(records.inBatches)
        suspects = left.isEmpty ? Set(records.inBatches) : left
        return isForward || before == 0 || suspects.count < before
    }

    /// A transaction has committed: what is done or was passed is neither suspect nor to be remembered.
    mutating func committed(isPassed: (PublishAttempt) -> Bool, isDone: (PublishAttempt) -> Bool) {
        if !suspects.isEmpty { suspects = suspects.filter { !isPassed($0) } }
        if !refused.isEmpty { refused = refused.filter { !isDone($0) } }
        if let limit = caution { caution = limit >= 1 << 16 ? nil : limit * 2 }
    }

    /// Other partitions are in hand: what was suspected may be another copy's now.
    mutating func forgetSuspects() { suspects = [] }
}
