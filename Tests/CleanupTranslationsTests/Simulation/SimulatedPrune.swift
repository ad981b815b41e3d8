import Translations

@testable import cleanup_translations

/// Drives `PruneMachine` against a `ModelTable`, beside writers, holders of locks, time-outs and crashes, all by a seed,
/// and watches what must never happen.
struct SimulatedPrune {
    private var random: SplitMix64
    private(set) var table = ModelTable()
    private var machine: PruneMachine
    private let rules: PruneRules
    private let includesCurrent: Bool
    /// What went wrong.
    private(set) var violations: [String] = []
    /// How often a group's caches were told.
    private(set) var told: [TranslationGroup: Int] = [:]
    /// How many rows were really deleted, kept apart from the machine's own count.
    private(set) var deleted = 0
    private(set) var crashes = 0
    private var cursor: TranslationGroup?
    /// Batches that the server has not come to yet, and outcomes that the machine has not heard of.
    private var sent: [PruneBatch] = []
    private var outcomes: [Outcome] = []
    /// The last transaction that the disk was asked to take, while it does.
    private var flushing: Int?
    /// Whether writers still work; the end is only reached when they have stopped.
    private var isDisturbed = true
    private var needsSweep = false
    /// Groups that writers have changed since they were read: what goes of them now was not for this run to see.
    private var changed: Set<TranslationGroup> = []

    /// What the server made of a batch; without a transaction it ran into a time-out.
    private struct Outcome {
        var transaction: Int?
        var counts: [Int] = []
        var intents: [TranslationIntent] = []
        var rows: Int { counts.reduce(0, +) }
    }

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
        includesCurrent = random.next(below: 4) == 0
        rules = PruneRules(
            keepVersions: 1 + random.next(below: 3), cutoff: random.next(below: 2) == 0 ? 50 : nil,
            includesCurrent: includesCurrent)
        machine = PruneMachine(
            sizer: BatchSizer(targetNanoseconds: 1_000_000, start: BatchSizer.smallest), limit: nil)
        let groups = 5 + random.next(below: 40)
        for number in 0..<groups {
            let group = TranslationGroup(key: "k\(number)", locale: number % 3 == 0 ? "de" : "en")
            for version in 1...(1 + random.next(below: number == 0 ? 150 : 8)) {
                table.publish(group, version: version * 10, createdAt: Int64(random.next(below: 100)))
            }
        }
        table.clear(table.intents.map(\.id))
    }

    var finalDeleted: Int { machine.deleted }

    /// Runs to the end.
    mutating func run() {
        for turn in 0..<20_000 {
            isDisturbed = turn < 60
            if isDisturbed { disturb() } else { table.held = [] }
            if random.next(below: 2) == 0 { serve() }
            if random.next(below: 3) == 0 { flushed() }
            let step = machine.next(isSynchronizationDue: random.next(below: 4) == 0)
            if case .done = step {
                if needsSweep { sweep() }
                return finish()
            }
            perform(step)
        }
        violations.append("it never ends")
    }

    // MARK: - The driver's part

    private mutating func perform(_ step: PruneMachine.Step) {
        switch step {
        case .read: read()
        case .retry(let asked):
            if hasBadLuck(in: 12) {
                machine.retryFailed(asked)
                return crash()
            }
            machine.acceptRetried(asked.sorted().compactMap { read($0) }, asked: asked)
        case .delete(let batch):
            sent.append(batch)
            if hasBadLuck(in: 15) { crash() }
        case .settle: settle()
        case .synchronize: flushing = table.lastTransaction - outcomes.filter { $0.transaction != nil }.count
        case .awaitDisk:
            if hasBadLuck(in: 12) { return crash() }
            flushed()
        case .done: break
        }
    }

    private mutating func read() {
        if let restart = machine.restart { cursor = nil; start = restart }
        if hasBadLuck(in: 12) { return crash() }
        let groups = table.groups.filter { group in
            if let cursor { return cursor < group }
            return start.map { !(group < $0) } ?? true
        }
        let page = groups.prefix(7)
        cursor = page.last ?? cursor
        machine.accept(page.compactMap { read($0) }, isLast: page.count == groups.count)
    }

    private var start: TranslationGroup?

    /// Judges a group as it is read.
    private mutating func read(_ group: TranslationGroup) -> GroupWork? {
        changed.remove(group)
        return judge(group)
    }

    private func judge(_ group: TranslationGroup) -> GroupWork? {
        var judge = GroupJudge(rules)
        judge.begin(group)
        for row in table.versions(of: group) {
            _ = judge.take(row.reference, isSemantic: true, createdAt: row.createdAt)
        }
        return judge.end()
    }

    /// The server carries out the oldest batch.
    private mutating func serve() {
        guard !sent.isEmpty else { return }
        let batch = sent.removeFirst()
        if hasBadLuck(in: 15) { return outcomes.append(Outcome()) }
        let newest = Dictionary(
            uniqueKeysWithValues: batch.groups.map { ($0.group, table.versions(of: $0.group).first) })
        let (counts, intents) = table.delete(batch)
        for work in batch.groups where !includesCurrent {
            if let row = newest[work.group] ?? nil, !table.versions(of: work.group).contains(row) {
                violations.append("the newest version of \(work.group) was deleted")
            }
        }
        outcomes.append(Outcome(transaction: table.lastTransaction, counts: counts, intents: intents))
        deleted += counts.reduce(0, +)
    }

    private mutating func settle() {
        if outcomes.isEmpty { serve() }
        // Committed, and the answer never comes.
        if hasBadLuck(in: 20) { return crash() }
        let outcome = outcomes.removeFirst()
        guard outcome.transaction != nil else { return machine.failed() }
        machine.note(counts: outcome.counts, intents: outcome.intents, nanoseconds: 1_000_000)
    }

    private mutating func flushed() {
        guard let last = flushing else { return }
        flushing = nil
        table.synchronize(upTo: last)
        tell(machine.synchronized())
    }

    private mutating func tell(_ works: [TranslationIntent]) {
        for work in works {
            if let unsafe = work.ids.first(where: { !table.isSafe($0) }) {
                violations.append("intent \(unsafe) was finished before its deletion was safe")
            }
            told[work.group, default: 0] += 1
            table.clear(work.ids)
        }
    }

    private mutating func crash() {
        crashes += 1
        let undone = table.crash(keeping: random.next(below: table.unsafeCount + 1))
        deleted -= undone.values.reduce(0, +)
        // The machine knows of the transactions whose answers came; the others it does not count.
        var unheard = 0
        for outcome in outcomes {
            guard let transaction = outcome.transaction else { continue }
            if let rows = undone[transaction] { unheard += rows } else { uncounted += outcome.rows }
        }
        machine.lost(undone: undone.values.reduce(0, +) - unheard)
        (sent, outcomes, flushing) = ([], [], nil)
        needsSweep = true
    }

    /// Rows of transactions whose answer never came: gone, and in nobody's count.
    private(set) var uncounted = 0

    private mutating func sweep() {
        for intent in table.intents { tell([TranslationIntent(group: intent.group, ids: [intent.id])]) }
    }

    private mutating func hasBadLuck(in chances: Int) -> Bool { isDisturbed && random.next(below: chances) == 0 }

    // MARK: - The others' part

    private mutating func disturb() {
        guard let group = table.groups.randomElement(using: &random) else { return }
        let rows = table.versions(of: group)
        let action = random.next(below: 9)
        if action < 3 { changed.insert(group) }
        switch action {
        case 0: table.publish(group, version: (rows.first?.version ?? 0) + 1, createdAt: 99)
        case 1:
            if let row = rows.randomElement(using: &random) { table.change(row, version: random.next(below: 2_000)) }
        case 2: if rows.count > 1, let row = rows.randomElement(using: &random) { table.remove(row) }
        case 3: if let row = rows.randomElement(using: &random) { table.held.insert(row.reference) }
        case 4: table.held = []
        default: break
        }
    }

    // MARK: - The end

    private mutating func finish() {
        if table.hasUnsafeRows { violations.append("it ended with transactions that are not safe") }
        for group in table.groups where judge(group) != nil && !changed.contains(group) {
            violations.append("something of \(group) was left")
        }
        if machine.deleted + uncounted != deleted {
            violations.append("counted \(machine.deleted) and \(uncounted) unheard of \(deleted)")
        }
    }
}
