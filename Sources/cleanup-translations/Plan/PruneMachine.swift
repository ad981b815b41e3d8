import Translations

/// Decides what a prune does next, without a clock, socket or thread: its driver does each step and reports what came
/// of it. A simulation drives the same machine against a model of the database.
struct PruneMachine: Sendable {
    /// What to do next.
    enum Step: Sendable, Equatable {
        /// Read the page behind the cursor and `accept` its groups.
        case read
        /// Read these groups anew and `acceptRetried` them; rows of theirs were skipped.
        case retry([TranslationGroup])
        /// Have this deleted in one transaction, which does not wait for the disk: it would hold its locks meanwhile. What
        /// came of it is said later, in the order of the batches.
        case delete(PruneBatch)
        /// Wait for what came of the oldest batch under way.
        case settle
        /// Have the disk take everything deleted so far; that it has is said later.
        case synchronize
        /// Wait until the disk has it.
        case awaitDisk
        case done
    }

    /// The most groups that are read again at a time.
    static let retryGroups = 500

    private(set) var sizer: BatchSizer
    private(set) var ledger = IntentLedger()
    private(set) var retry = RetryList()
    /// Rows deleted, those included that the disk may not have yet.
    private(set) var deleted = 0
    /// Rows that were read as victims and not deleted, because somebody else held or had changed them.
    private(set) var skipped = 0
    /// Whether the table has been read to its end.
    private(set) var isAtEnd = false
    /// No further groups are taken up: a signal, the time or the limit.
    private(set) var isStopping = false
    /// The place from which the table is to be read again; the driver sets its cursor there before the next `read`.
    private(set) var restart: TranslationGroup?

    private let limit: Int?
    private let depth: Int
    /// Batches sent of which nothing is known yet.
    private(set) var underWay: [PruneBatch] = []
    private var queue: [GroupWork] = []
    private var head = 0
    private var queuedRows = 0
    /// Groups deleted from that the disk has not been asked to take, and those that it is taking.
    private var unsynchronized: [TranslationGroup] = []
    private var synchronizing: [TranslationGroup]?

    /// - Parameters:
    ///   - limit: rows to delete at most.
    ///   - depth: batches under way at a time: with two the server need not wait for this program between them.
    init(sizer: BatchSizer, limit: Int?, depth: Int = 2) {
        self.sizer = sizer
        self.limit = limit
        self.depth = depth
    }

    /// Victims that were read and are not deleted yet, queued or under way.
    var waitingRows: Int { queuedRows + rowsUnderWay }
    private var rowsUnderWay: Int { underWay.reduce(0) { $0 + $1.rows } }

    /// Whether groups wait to be deleted from.
    var hasQueue: Bool { head < queue.count }

    /// Groups that are known to have something left to delete.
    var openGroups: Int { retry.groups.union(queue[head...].map(\.group)).count }

    // MARK: - Deciding

    /// Whether it is time to read on while others are deleted.
    func wantsReadAhead(below rows: Int) -> Bool { !isAtEnd && !isStopping && queuedRows < rows }

    /// - Parameter isSynchronizationDue: whether the disk should get what was deleted so far.
    mutating func next(isSynchronizationDue: Bool) -> Step {
        if let limit, deleted >= limit { isStopping = true }
        if isSynchronizationDue, beginSynchronization() { return .synchronize }
        if !isStopping {
            if head < queue.count {
                let room = limit.map { $0 - deleted - rowsUnderWay } ?? .max
                guard underWay.count < depth, room > 0 else { return .settle }
                return .delete(makeBatch(room))
            }
            if !isAtEnd { return .read }
        }
        if !underWay.isEmpty { return .settle }
        if !isStopping {
            if !retry.groups.isEmpty { return .retry(retry.take(Self.retryGroups)) }
            if let overflow = retry.takeOverflow() {
                restart = overflow
                isAtEnd = false
                return .read
            }
        }
        // No group has anything left that this run deletes.
        ledger.settleAll()
        if synchronizing != nil { return .awaitDisk }
        return beginSynchronization() ? .synchronize : .done
    }

    /// Whether there is something for the disk to take, and it is not taking something already: then it is to be asked.
    mutating func beginSynchronization() -> Bool {
        guard synchronizing == nil, !unsynchronized.isEmpty || ledger.pendingCount > 0 else { return false }
        synchronizing = unsynchronized
        unsynchronized = []
        ledger.beginSynchronization()
        return true
    }

    /// Groups of one kind, up to the batch's size in rows; a large group is cut.
    private mutating func makeBatch(_ limit: Int) -> PruneBatch {
        var batch = PruneBatch()
        var room = min(sizer.size, limit)
        while room > 0, head < queue.count {
            let isGuarded = queue[head].survivor != nil
            if !batch.groups.isEmpty, isGuarded != batch.isGuarded { break }
            var work = queue[head]
            if work.victims.count > room {
                // Only a group that is larger than a batch is cut: each piece locks the survivor anew.
                if !batch.groups.isEmpty { break }
                // The oldest go first, so that a cut never leaves an older version without the newer ones.
                let rest = work.victims.dropLast(room)
                queue[head].victims = Array(rest)
                work.victims = Array(work.victims.suffix(room))
            } else {
                head += 1
            }
            room -= work.victims.count
            queuedRows -= work.victims.count
            batch.groups.append(work)
        }
        if head == queue.count {
            queue.removeAll(keepingCapacity: true)
            head = 0
        }
        underWay.append(batch)
        return batch
    }

    // MARK: - What came of it

    /// A page was read: what goes of its groups, and whether it was the last.
    mutating func accept(_ groups: [GroupWork], isLast: Bool) {
        restart = nil
        isAtEnd = isLast
        enqueue(groups)
    }

    /// Groups were read again: what still goes of them; of the others among `asked` nothing does any more.
    mutating func acceptRetried(_ groups: [GroupWork], asked: [TranslationGroup]) {
        let left = Set(groups.map(\.group))
        for group in asked where !left.contains(group) { ledger.settle(group) }
        enqueue(groups)
    }

    private mutating func enqueue(_ groups: [GroupWork]) {
        if head > 4_096 {
            queue.removeFirst(head)
            head = 0
        }
        queue += groups
        for group in groups { queuedRows += group.victims.count }
    }

    /// The oldest batch under way was deleted and committed: `counts` rows of each of its groups, and the intents that
    /// it left.
    mutating func note(counts: [Int], intents: [TranslationIntent], nanoseconds: Int64) {
        guard !underWay.isEmpty else { return }
        let batch = underWay.removeFirst()
        var open: Set<TranslationGroup> = []
        for (work, count) in zip(batch.groups, counts) {
            deleted += count
            if count > 0 { unsynchronized.append(work.group) }
            guard count < work.victims.count else { continue }
            skipped += work.victims.count - count
            open.insert(work.group)
            retry.add(work.group)
        }
        // A group whose rest is still under way, or queued, is not done either.
        let rest = underWay.first?.groups.first ?? (head < queue.count ? queue[head] : nil)
        if let rest, rest.group == batch.groups.last?.group { open.insert(rest.group) }
        ledger.note(intents) { !open.contains($0) && !retry.groups.contains($0) }
        sizer.note(rows: batch.rows, nanoseconds: nanoseconds)
    }

    /// The oldest batch under way came to nothing: a time-out, a deadlock. It is tried again, smaller.
    mutating func failed() {
        guard !underWay.isEmpty else { return }
        sizer.timedOut()
        for work in underWay.removeFirst().groups { retry.add(work.group) }
    }

    /// Groups could not be read again now.
    mutating func retryFailed(_ groups: [TranslationGroup]) {
        for group in groups { retry.add(group) }
    }

    /// The disk has what it was asked to take; the intents that may be finished now.
    mutating func synchronized() -> [TranslationIntent] {
        synchronizing = nil
        return ledger.synchronized()
    }

    /// Whether the disk has what it was asked to take is not known: it is to be asked again.
    mutating func synchronizationFailed() {
        unsynchronized = (synchronizing ?? []) + unsynchronized
        synchronizing = nil
        ledger.synchronizationFailed()
    }

    /// The connection was lost. What was under way, or not safe yet, is read again; `undone` rows turned out not to be
    /// deleted after all. So is what waits: a server that crashed, or another one, may have given a place and the number
    /// of its writer to another row meanwhile.
    mutating func lost(undone: Int) {
        deleted -= undone
        for work in underWay.flatMap(\.groups) + queue[head...] { retry.add(work.group) }
        for group in unsynchronized + (synchronizing ?? []) { retry.add(group) }
        (queue, head, queuedRows) = ([], 0, 0)
        underWay = []
        unsynchronized = []
        synchronizing = nil
        ledger.lost()
    }

    /// No more is taken up.
    mutating func stop() { isStopping = true }
}
