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
        /// Delete this in one transaction, which does not wait for the disk: it would hold its locks meanwhile.
        case delete(PruneBatch)
        /// Wait until the disk has everything.
        case synchronize
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
    private var queue: [GroupWork] = []
    private var head = 0
    private var queuedRows = 0
    /// Groups deleted from since the disk had everything.
    private var unsynchronized: [TranslationGroup] = []

    /// - Parameter limit: rows to delete at most.
    init(sizer: BatchSizer, limit: Int?) {
        self.sizer = sizer
        self.limit = limit
    }

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
        if isSynchronizationDue, !unsynchronized.isEmpty { return .synchronize }
        if !isStopping {
            if head < queue.count { return .delete(makeBatch()) }
            if !isAtEnd { return .read }
            if !retry.groups.isEmpty { return .retry(retry.take(Self.retryGroups)) }
            if let overflow = retry.takeOverflow() {
                restart = overflow
                isAtEnd = false
                return .read
            }
        }
        if isStopping { ledger.settleAll() }
        return unsynchronized.isEmpty && ledger.pendingCount == 0 ? .done : .synchronize
    }

    /// Groups of one kind, up to the batch's size in rows; a large group is cut.
    private mutating func makeBatch() -> PruneBatch {
        var batch = PruneBatch()
        var room = min(sizer.size, limit.map { $0 - deleted } ?? .max)
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

    /// A batch was deleted and committed: `counts` rows of each of its groups, and the intents that it left.
    mutating func note(_ batch: PruneBatch, counts: [Int], intents: [TranslationIntent], nanoseconds: Int64) {
        var open: Set<TranslationGroup> = []
        for (work, count) in zip(batch.groups, counts) {
            deleted += count
            if count > 0 { unsynchronized.append(work.group) }
            guard count < work.victims.count else { continue }
            skipped += work.victims.count - count
            open.insert(work.group)
            retry.add(work.group)
        }
        // A group whose rest is still queued is not done either.
        if head < queue.count, queue[head].group == batch.groups.last?.group { open.insert(queue[head].group) }
        ledger.note(intents) { !open.contains($0) && !retry.groups.contains($0) }
        sizer.note(rows: batch.rows, nanoseconds: nanoseconds)
    }

    /// A batch came to nothing: a time-out, a deadlock. It is tried again, smaller.
    mutating func failed(_ batch: PruneBatch) {
        sizer.timedOut()
        for work in batch.groups { retry.add(work.group) }
    }

    /// The disk has everything; the intents that may be finished now.
    mutating func synchronized() -> [TranslationIntent] {
        unsynchronized = []
        return ledger.synchronized()
    }

    /// The connection was lost. What was under way, or not safe yet, is read again; `undone` rows turned out not to be
    /// deleted after all.
    mutating func lost(_ batch: PruneBatch?, undone: Int) {
        deleted -= undone
        for work in batch?.groups ?? [] { retry.add(work.group) }
        for group in unsynchronized { retry.add(group) }
        unsynchronized = []
        ledger.lost()
    }

    /// No more is taken up.
    mutating func stop() { isStopping = true }
}
