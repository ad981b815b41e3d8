/// The redrive engine of one lane: some partitions of the source, one producer, one transaction at a time.
///
/// A pure state machine: no clock, no socket, no thread. Its driver asks for the `next` step, does it, reports what
/// came of it, and asks again; a seeded simulation does the same against a model broker. Not Sendable by intent:
/// one driver owns it.
package struct LaneMachine {
    private enum Phase: Equatable {
        case running
        case needsProducer
        case mustAbort
        /// Our group metadata is out of date: nothing can commit until the next assignment.
        case awaitingRebalance
        case failed(LaneFailure)
    }

    private struct OpenTransaction {
        /// When the first change fell into it, nil while it holds nothing.
        var startedAt: UInt64?
        var records = 0
        var bytes: Int64 = 0
        var isFull = false
    }

    package let configuration: LaneConfiguration
    private var phase = Phase.needsProducer
    private var transaction: OpenTransaction?
    private var partitions: [Int32: PartitionState] = [:]
    private var epoch: UInt64 = 0
    private var isReleasing = false
    private var isStopping = false
    private var consecutiveAborts = 0
    private var fencings: [UInt64] = []
    private var counts = LaneTally()
    /// What is committed.
    package var tally: RunTally { counts.committed }
    /// Records that a broker refused for good; decided anew when they are read again. Bounded: a lane with more
    /// of them fails.
    package private(set) var unpublishable: Set<Unpublishable> = []
    private static let maximumUnpublishable = 10_000

    /// A record that a destination refused.
    package struct Unpublishable: Hashable, Sendable {
        package let partition: Int32
        package let offset: Int64
        /// Whether the parked topic was what refused it.
        package let byParking: Bool

        package init(partition: Int32, offset: Int64, byParking: Bool) {
            self.partition = partition
            self.offset = offset
            self.byParking = byParking
        }
    }

    package init(_ configuration: LaneConfiguration) {
        self.configuration = configuration
        if configuration.delivery == .atLeastOnce { transaction = OpenTransaction() }
    }

    /// Ends the lane once the open transaction is committed.
    private var lastFailure: LaneFailure?

    private var takesRecords: Bool { phase == .running && !isReleasing && !isStopping && lastFailure == nil }

    // MARK: - Assignment

    /// Takes over partitions, each with what is done there and where the run ends (nil: never).
    package mutating func assign(_ starts: [(start: PartitionStart, end: Int64?)], epoch: UInt64) {
        self.epoch = epoch
        isReleasing = false
        partitions = [:]
        if phase == .awaitingRebalance { phase = .running }
        counts.drop()
        for (start, end) in starts { take(start, end: end) }
        // An assignment that was not announced by a release: what the old one published must not commit with it.
        if (transaction?.records ?? 0) > 0 { abandon() }
    }

    /// Asks for everything to be committed or aborted and given back; `next` says `released` when it is so.
    package mutating func release() { isReleasing = true }

    /// Asks for a clean end: what is in hand is committed.
    package mutating func stop() { isStopping = true }

    /// The partitions in hand, with what the next poll should deliver.
    package var positions: [Int32: Int64] { partitions.mapValues(\.position) }

    /// Offsets not yet done below the run's ends, counting what the open transaction holds as done.
    package var remaining: Int64 {
        partitions.values.reduce(0) { $0 + $1.done.remaining(below: $1.end ?? $1.position) }
    }

    private var limitLeft: Int64? {
        configuration.limit.map { $0 - tally.selected - counts.pending.selected }
    }

    private var isDirty: Bool {
        (transaction?.records ?? 0) > 0 || partitions.values.contains { $0.changed }
    }

    private mutating func take(_ start: PartitionStart, end: Int64?) {
        let state = PartitionState(start, end: end)
        counts.pending.gone += start.gone
        partitions[start.partition] = state
    }

    // MARK: - Steps

    /// What to do next, at `now` (nanoseconds of a monotonic clock).
    package mutating func next(now: UInt64) -> LaneStep {
        switch phase {
        case .failed(let failure): return .failed(failure)
        case .mustAbort: return .abort
        case .awaitingRebalance:
            return isReleasing ? releasedStep() : isStopping ? .finished(.stopped) : .idle
        case .needsProducer:
            if isReleasing { return releasedStep() }
            if isStopping { return .finished(.stopped) }
            return .openProducer
        case .running: return runningStep(now: now)
        }
    }

    private mutating func runningStep(now: UInt64) -> LaneStep {
        let unloaded = partitions.values.filter(\.needsLoad).map(\.partition).sorted()
        let dirty = isDirty
        if dirty, transaction == nil { return .begin }
        if let lastFailure { return dirty ? commitStep() : .failed(lastFailure) }
        if isReleasing { return dirty ? commitStep() : releasedStep() }
        if isStopping { return dirty ? commitStep() : finishedStep(.stopped) }
        if partitions.isEmpty { return .idle }
        if !unloaded.isEmpty { return dirty ? commitStep() : .load(unloaded) }
        if let left = limitLeft, left <= 0 { return dirty ? commitStep() : finishedStep(.limitReached) }
        if partitions.values.allSatisfy(\.isFinished) { return dirty ? commitStep() : finishedStep(.drained) }
        guard var open = transaction else { return .begin }
        if dirty, open.startedAt == nil {
            open.startedAt = now
            transaction = open
        }
        guard let startedAt = open.startedAt else { return .fetch(until: now + configuration.budget.age) }
        let due = startedAt + configuration.budget.age
        return open.isFull || now >= due ? commitStep() : .fetch(until: due)
    }

    private mutating func finishedStep(_ outcome: LaneOutcome) -> LaneStep {
        countWhatNeedsNoCommit()
        return .finished(outcome)
    }

    /// What was left where it is counts although no transaction says so.
    private mutating func countWhatNeedsNoCommit() {
        guard pendingRecords == 0 else { return }
        counts.commit()
    }

    private mutating func releasedStep() -> LaneStep {
        if phase == .running { countWhatNeedsNoCommit() }
        partitions = [:]
        isReleasing = false
        return .released
    }

    private func commitStep() -> LaneStep {
        let changed = partitions.values.filter(\.changed).sorted { $0.partition < $1.partition }
        let offsets = changed.map { state in
            RedriveCommit.CommittedPartition(
                partition: state.partition, offset: state.done.committed,
                metadata: CommitMetadata(stamp: stamp(for: state), hasProgress: configuration.keepsProgress))
        }
        let progress =
            configuration.keepsProgress
            ? changed.flatMap { $0.progressRecords(owner: owner(of: $0.partition), stamp: stamp(for: $0)) } : []
        return .commit(RedriveCommit(epoch: epoch, offsets: offsets, progress: progress))
    }

    private func stamp(for state: PartitionState) -> ProgressStamp {
        ProgressStamp(run: configuration.run, copy: configuration.copy, sequence: state.sequence + 1)
    }

    /// Whose progress this lane keeps for `partition`.
    package func owner(of partition: Int32) -> ProgressOwner {
        ProgressOwner(group: configuration.group, topic: configuration.topic, partition: partition)
    }

    // MARK: - Records

    /// Whether a record read at `offset` needs a verdict at all; false for what is stale, done, or beyond the end.
    /// Costs no decoding; to be asked before the record is looked at.
    package mutating func wants(partition: Int32, offset: Int64) -> Bool {
        // In place: a copy of the state would be made and dropped for every record.
        guard takesRecords, limitLeft ?? 1 > 0, let index = partitions.index(forKey: partition) else { return false }
        switch partitions.values[index].pass(offset) {
        case .wanted: return true
        case .stale, .beyondEnd: return false
        case .done:
            counts.pending.alreadyDone += 1
            return false
        }
    }

    /// Takes the verdict on a record that is wanted, in offset order within its partition.
    ///
    /// - Parameter bytes: of key and value.
    package mutating func admit(
        partition: Int32, offset: Int64, verdict: Verdict, bytes: Int, now: UInt64
    ) -> Admission {
        guard let index = partitions.index(forKey: partition) else { return .pass }
        partitions.values[index].passGap(to: offset)
        partitions.values[index].position = offset + 1
        switch verdict {
        case .redrive: counts.pending.redriven += 1
        case .park(let reason): counts.pending.parked[reason, default: 0] += 1
        case .requeue: counts.pending.requeued += 1
        case .skip, .reject:
            counts.leaveBehind(partition: partition, offset: offset, isRejected: verdict == .reject)
            if !configuration.keepsProgress {
                lastFailure = .cannotLeaveBehind(partition: partition, offset: offset)
            }
            return .pass
        }
        partitions.values[index].markDone(offset..<offset + 1)
        counts.pending.bytes += Int64(bytes)
        count(bytes: bytes, now: now)
        return .publish
    }

    private mutating func count(bytes: Int, now: UInt64) {
        guard transaction != nil else { return }
        transaction?.records += 1
        transaction?.bytes += Int64(bytes)
        if transaction?.startedAt == nil { transaction?.startedAt = now }
        let budget = configuration.budget
        if let open = transaction, open.records >= budget.records || open.bytes >= budget.bytes {
            transaction?.isFull = true
        }
    }

    /// Records that the open transaction has published.
    package var pendingRecords: Int64 { Int64(transaction?.records ?? 0) }

    /// Whether nothing is under way: the last transaction committed and no other was begun.
    package var transactionIsSettled: Bool { phase == .running && pendingRecords == 0 }

    /// Whether the transaction in hand takes no more; the driver keeps what it has polled until after the commit.
    package var isFull: Bool { transaction?.isFull ?? true }

    /// All records of `partition` below `offset` have been delivered: an end-of-partition event.
    ///
    /// Past the limit it says nothing: records before it were delivered and not wanted, and are no gap.
    package mutating func reachedEnd(partition: Int32, offset: Int64) {
        guard takesRecords, limitLeft ?? 1 > 0, let index = partitions.index(forKey: partition),
            !partitions.values[index].needsLoad
        else { return }
        partitions.values[index].passGap(to: min(offset, partitions.values[index].end ?? offset))
    }

    /// Remembers a record of the open transaction by which the topic can be recognised later.
    package mutating func note(_ witness: Witness, partition: Int32) {
        partitions[partition]?.witness = witness
    }

    /// The partition cannot be read on: what was read before is committed, then the lane fails.
    package mutating func unreadable(partition: Int32, offset: Int64, reason: String) {
        lastFailure = .unreadable(partition: partition, offset: offset, reason)
    }

    /// A destination refused a record for good, whatever is tried again: the transaction aborts, and the record is
    /// decided anew when it is read again.
    package mutating func refused(_ record: Unpublishable) {
        remember(record)
        if case .failed = phase { return }
        abandon()
    }

    /// As `refused`, for a transaction that has been aborted already.
    package mutating func remember(_ record: Unpublishable) {
        guard unpublishable.count < Self.maximumUnpublishable else {
            phase = .failed(.tooManyAborts("more than \(Self.maximumUnpublishable) records were refused"))
            return
        }
        // One that is known already brings nothing forward.
        if unpublishable.insert(record).inserted { consecutiveAborts = 0 }
    }

    // MARK: - Outcomes

    /// A fresh producer is ready.
    package mutating func producerOpened() {
        phase = .running
        for partition in partitions.keys where transactionWasLost { partitions[partition]?.needsLoad = true }
        transactionWasLost = false
    }

    /// Whether a transaction's outcome is unknown, so that progress must be read before going on.
    private var transactionWasLost = false

    /// Offset and progress were read again, after whatever had happened before.
    package mutating func loaded(_ starts: [PartitionStart]) {
        for start in starts {
            guard let old = partitions[start.partition] else { continue }
            take(start, end: old.end)
        }
    }

    package mutating func began() {
        transaction = OpenTransaction()
    }

    package mutating func committed(_ commit: RedriveCommit) {
        for entry in commit.offsets {
            partitions[entry.partition]?.committed(sequence: entry.metadata.stamp.sequence)
        }
        counts.commit()
        consecutiveAborts = 0
        transaction = configuration.delivery == .atLeastOnce ? OpenTransaction() : nil
    }

    package mutating func aborted() {
        phase = .running
        forgetTransaction()
        if awaitsRebalance { phase = .awaitingRebalance }
        awaitsRebalance = false
    }

    private var awaitsRebalance = false

    /// A step of the transaction failed.
    package mutating func transactionFailed(_ fault: TransactionFault, now: UInt64) {
        switch fault {
        case .abortable(let reason):
            consecutiveAborts += 1
            if consecutiveAborts > configuration.maximumAborts {
                phase = .failed(.tooManyAborts(reason))
            } else {
                abandon()
            }
        case .generationFenced:
            awaitsRebalance = true
            abandon()
        case .fatal:
            fencings = fencings.filter { now - $0 < configuration.fencingWindow } + [now]
            if fencings.count >= configuration.maximumFencings {
                phase = .failed(.fencedRepeatedly)
            } else {
                forgetTransaction()
                transactionWasLost = true
                phase = .needsProducer
            }
        }
    }

    /// Drops the open transaction's work; there is nothing to abort at the broker in at-least-once mode.
    private mutating func abandon() {
        if configuration.delivery == .exactlyOnce, transaction != nil {
            phase = .mustAbort
        } else {
            aborted()
        }
    }

    private mutating func forgetTransaction() {
        transaction = configuration.delivery == .atLeastOnce ? OpenTransaction() : nil
        counts.drop()
        for index in partitions.values.indices { partitions.values[index].invalidate() }
    }
}
