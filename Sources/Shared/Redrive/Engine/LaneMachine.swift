/// The redrive engine of one lane: some partitions of the source, one producer, one transaction at a time.
///
/// A pure state machine: no clock, no socket, no thread. Its driver asks for the `next` step, does it, reports what
/// came of it, and asks again; a seeded simulation does the same against a model broker. Not Sendable by intent:
/// one driver owns it.
package struct LaneMachine {
    enum Phase: Equatable {
        case running
        case needsProducer
        case mustAbort
        /// Our group metadata is out of date: nothing can commit until the next assignment.
        case awaitingRebalance
        case failed(LaneFailure)
    }

    struct OpenTransaction {
        /// When the first change fell into it, nil while it holds nothing.
        var startedAt: UInt64?
        var records = 0
        var bytes: Int64 = 0
        var isFull = false
        /// Whether its records are suspects of a refusal, and nothing else may join them.
        var holdsSuspects = false
    }

    /// What the lane was told when it was made.
    package private(set) var configuration: LaneConfiguration
    var phase = Phase.needsProducer
    /// In at-least-once mode there is always one: what is published and not yet committed.
    var transaction: OpenTransaction?
    var partitions: [Int32: PartitionState] = [:]
    private var epoch: UInt64 = 0
    var isReleasing = false
    private var isStopping = false
    /// Whether the lane waits, with no transaction open.
    private(set) var isPaused = false
    /// The bound that the next record would break: nothing more is admitted.
    var reachedBound: RunBound?
    /// Ends the lane once the open transaction is committed.
    var lastFailure: LaneFailure?
    /// Whether a transaction's outcome is unknown, so that progress must be read before going on.
    var transactionWasLost = false
    /// Whether nothing can commit after the abort under way.
    var awaitsRebalance = false
    var consecutiveAborts = 0
    var fencings: [UInt64] = []
    var counts = LaneTally()
    var refusals = RefusalSearch()
    /// The records of the transaction in hand, which may have to be taken back one by one; in at-least-once mode only.
    var inHand: [AdmittedRecord] = []

    /// A lane without partitions and without a producer.
    package init(_ configuration: LaneConfiguration) {
        self.configuration = configuration
        if configuration.delivery == .atLeastOnce { transaction = OpenTransaction() }
    }

    /// What is committed. Records left behind count with the next commit, or when the lane ends.
    package var tally: RunTally { counts.committed }

    /// Whether records are admitted at all.
    var takesRecords: Bool {
        phase == .running && !isReleasing && !isStopping && !isPaused && lastFailure == nil && reachedBound == nil
    }

    // MARK: - Assignment

    /// Takes over partitions, each with what is done there and where the run ends (nil: never).
    ///
    /// - Parameter epoch: names the group's assignment; comes back with every commit of it.
    package mutating func assign(_ starts: [(start: PartitionStart, end: Int64?)], epoch: UInt64) {
        self.epoch = epoch
        isReleasing = false
        partitions = [:]
        if phase == .awaitingRebalance { phase = .running }
        counts.drop()
        refusals.forgetSuspects()
        for (start, end) in starts { take(start, end: end) }
        // An assignment that was not announced by a release: what the old one published must not commit with it.
        if (transaction?.records ?? 0) > 0 { abandon() }
    }

    /// Asks for everything to be committed or aborted and given back; `next` says `released` when it is so.
    package mutating func release() { isReleasing = true }

    /// Asks for a clean end: what is in hand is committed.
    package mutating func stop() { isStopping = true }

    /// Asks to wait once what is in hand is committed, or to go on.
    package mutating func pause(_ isPaused: Bool) { self.isPaused = isPaused }

    /// How large transactions are from the next one on.
    package mutating func setBudget(_ budget: TransactionBudget) { configuration.budget = budget }

    /// The partitions in hand, with the offset that the next poll should deliver.
    package var positions: [Int32: Int64] { partitions.mapValues(\.position) }

    /// Offsets not yet done below the run's ends, counting what the open transaction holds as done.
    package var remaining: Int64 { partitions.values.reduce(0) { $0 + $1.remaining } }

    /// The same, of what is committed: where the lane ends before the open transaction does. Nil where it holds no
    /// partition, and so knows of none.
    package var settledRemaining: Int64? {
        partitions.isEmpty ? nil : partitions.values.reduce(0) { $0 + $1.settledRemaining }
    }

    mutating func take(_ start: PartitionStart, end: Int64?) {
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
        let dirty = isDirty
        if dirty, transaction == nil { return .begin }
        if let lastFailure { return dirty ? commitStep() : .failed(lastFailure) }
        if isReleasing { return dirty ? commitStep() : releasedStep() }
        if isStopping { return dirty ? commitStep() : finishedStep(.stopped) }
        if partitions.isEmpty { return .idle }
        if partitions.values.contains(where: \.needsLoad) { return dirty ? commitStep() : loadStep() }
        if let left = limitLeft, left <= 0 { return dirty ? commitStep() : finishedStep(.limitReached) }
        if let reachedBound { return dirty ? commitStep() : finishedStep(.bounded(reachedBound)) }
        if partitions.values.allSatisfy(\.isFinished) { return dirty ? commitStep() : finishedStep(.drained) }
        if isPaused { return dirty ? commitStep() : .idle }
        guard var open = transaction else { return .begin }
        if dirty, open.startedAt == nil {
            open.startedAt = now
            transaction = open
        }
        guard let startedAt = open.startedAt else { return .fetch(until: now + configuration.budget.age) }
        let due = startedAt + configuration.budget.age
        return open.isFull || now >= due ? commitStep() : .fetch(until: due)
    }

    private func loadStep() -> LaneStep {
        .load(partitions.values.filter(\.needsLoad).map(\.partition).sorted())
    }

    private var isDirty: Bool {
        (transaction?.records ?? 0) > 0 || partitions.values.contains { $0.changed }
    }

    private mutating func finishedStep(_ outcome: LaneOutcome) -> LaneStep {
        countWhatNeedsNoCommit()
        return .finished(outcome)
    }

    /// What was left where it is counts although no transaction says so.
    private mutating func countWhatNeedsNoCommit() {
        guard pendingRecords == 0 else { return }
        // Where a transaction was lost the position is not true until it has been read again.
        counts.commit(positions: partitions.filter { !$0.value.needsLoad }.mapValues(\.position))
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

    /// Whose progress this lane keeps for `partition`, a slot of the sources.
    package func owner(of partition: Int32) -> ProgressOwner {
        ProgressOwner(
            group: configuration.group, topic: configuration.sources.topic(of: partition),
            partition: configuration.sources.partition(of: partition))
    }
}
