import CommandLine
import Postgres
import Testing
import Translations

@testable import cleanup_translations

@Suite("Pure parts of the plan")
struct PlanTests {
    private static func row(_ number: UInt32) -> RowReference {
        RowReference(place: PostgresRowPlace(block: number, index: 1), writer: 3)
    }

    private static func work(_ key: String, _ victims: Int, survivor: Bool = true) -> GroupWork {
        GroupWork(
            group: TranslationGroup(key: key, locale: "en"), survivor: survivor ? row(0) : nil,
            victims: (1...victims).map { row(UInt32($0)) })
    }

    // MARK: - Rules

    @Test("A row goes by rank or by age; the newest only where that is asked for; what is not semantic never")
    func rules() {
        var rules = PruneRules(keepVersions: 3, cutoff: 100)
        #expect(!rules.takes(rank: 1, createdAt: 0))
        #expect(rules.takes(rank: 2, createdAt: 99))
        #expect(!rules.takes(rank: 3, createdAt: 100))
        #expect(rules.takes(rank: 4, createdAt: 1_000))
        #expect(!rules.takes(rank: nil, createdAt: 0))
        rules.includesCurrent = true
        #expect(rules.takes(rank: 1, createdAt: 99))
        #expect(!rules.takes(rank: 1, createdAt: 100))
        #expect(!PruneRules(keepVersions: nil, cutoff: nil, includesCurrent: true).takes(rank: 9, createdAt: 0))
    }

    @Test("The judge keeps the newest as survivor, and has none where it goes itself")
    func judge() {
        var judge = GroupJudge(PruneRules(keepVersions: 1, cutoff: 50, includesCurrent: true))
        judge.begin(TranslationGroup(key: "a", locale: "en"))
        for number in 1...3 { _ = judge.take(Self.row(UInt32(number)), isSemantic: true, createdAt: 60) }
        _ = judge.take(Self.row(4), isSemantic: false, createdAt: 0)
        let work = judge.end()
        #expect(work?.survivor == Self.row(1))
        #expect(work?.victims == [Self.row(2), Self.row(3)])
        #expect(judge.rows == 4 && judge.unsemantic == 1)
        judge.begin(TranslationGroup(key: "b", locale: "en"))
        _ = judge.take(Self.row(1), isSemantic: true, createdAt: 40)
        _ = judge.take(Self.row(2), isSemantic: true, createdAt: 60)
        #expect(
            judge.end()
                == GroupWork(
                    group: TranslationGroup(key: "b", locale: "en"), survivor: nil, victims: [Self.row(1), Self.row(2)])
        )
        judge.begin(TranslationGroup(key: "c", locale: "en"))
        _ = judge.take(Self.row(1), isSemantic: true, createdAt: 60)
        #expect(judge.end() == nil)
    }

    // MARK: - Batches

    @Test("The batch's size follows the time that batches take, within bounds")
    func sizer() {
        var sizer = BatchSizer(targetNanoseconds: 10_000_000, start: 1_000)
        sizer.note(rows: 1_000, nanoseconds: 1_000_000)
        #expect(sizer.size == 1_250)
        sizer.note(rows: 1_250, nanoseconds: 20_000_000)
        #expect(sizer.size == 625)
        sizer.note(rows: 625, nanoseconds: 1_000_000_000)
        #expect(sizer.size == 156)
        sizer.note(rows: 10, nanoseconds: 1_000_000_000)
        #expect(sizer.size == 156)
        for _ in 0..<40 { sizer.note(rows: sizer.size, nanoseconds: 10_000_000_000) }
        #expect(sizer.size == BatchSizer.smallest)
        for _ in 0..<60 { sizer.note(rows: sizer.size, nanoseconds: 1) }
        #expect(sizer.size == BatchSizer.largest)
    }

    @Test("A batch has whole groups of one kind; a group larger than a batch is cut, the oldest versions first")
    func batches() {
        var machine = PruneMachine(sizer: BatchSizer(targetNanoseconds: 1_000_000, start: 100), limit: nil)
        machine.accept(
            [Self.work("a", 60), Self.work("b", 60), Self.work("c", 10, survivor: false), Self.work("d", 150)],
            isLast: true)
        func next() -> PruneBatch? {
            guard case .delete(let batch) = machine.next(isSynchronizationDue: false) else { return nil }
            machine.note(
                counts: batch.groups.map(\.victims.count), intents: [], nanoseconds: 1)
            return batch
        }
        #expect(next()?.groups.map(\.group.key) == ["a"])
        let second = next()
        #expect(second?.groups.map(\.group.key) == ["b"])
        let third = next()
        #expect(third?.groups.map(\.group.key) == ["c"] && third?.isGuarded == false)
        let fourth = next()
        #expect(fourth?.groups.first?.victims.last == Self.row(150))
        while next() != nil {}
        #expect(machine.deleted == 280)
        #expect(machine.next(isSynchronizationDue: false) == .awaitDisk)
        _ = machine.synchronized()
        #expect(machine.next(isSynchronizationDue: false) == .done)
    }

    @Test("Two batches are under way at a time, and only then their outcomes are waited for")
    func depth() {
        var machine = PruneMachine(sizer: BatchSizer(targetNanoseconds: 1_000_000, start: 50), limit: nil)
        machine.accept((1...4).map { Self.work("k\($0)", 50) }, isLast: true)
        func step() -> PruneMachine.Step { machine.next(isSynchronizationDue: false) }
        for _ in 0..<2 {
            guard case .delete = step() else {
                Issue.record("no batch")
                return
            }
        }
        #expect(step() == .settle)
        machine.note(counts: [50], intents: [], nanoseconds: 1_000_000)
        guard case .delete = step() else {
            Issue.record("no third batch")
            return
        }
        #expect(step() == .settle)
        // What is not known yet is read again when the connection is lost, what was not safe, and what waits: a place and
        // the number of a writer may be another row's when a server is back from a crash.
        machine.lost(undone: 50)
        #expect(machine.underWay.isEmpty && machine.deleted == 0 && !machine.hasQueue)
        #expect(machine.retry.groups == Set((1...4).map { TranslationGroup(key: "k\($0)", locale: "en") }))
    }

    @Test("A disk that could not be asked is asked again, and until then no cache is told")
    func synchronizationFails() {
        var machine = PruneMachine(sizer: BatchSizer(targetNanoseconds: 1_000_000, start: 50), limit: nil)
        let intent = TranslationIntent(group: TranslationGroup(key: "a", locale: "en"), ids: [1])
        machine.accept([Self.work("a", 50)], isLast: true)
        guard case .delete = machine.next(isSynchronizationDue: false) else {
            Issue.record("no batch")
            return
        }
        machine.note(counts: [50], intents: [intent], nanoseconds: 1_000_000)
        #expect(machine.next(isSynchronizationDue: false) == .synchronize)
        machine.synchronizationFailed()
        #expect(machine.next(isSynchronizationDue: false) == .synchronize)
        #expect(machine.synchronized() == [intent])
        #expect(machine.next(isSynchronizationDue: false) == .done)
    }

    @Test("A group that is cut is told when its last batch has come through, not while the rest is under way")
    func cutGroup() {
        var machine = PruneMachine(sizer: BatchSizer(targetNanoseconds: 1_000_000, start: 50), limit: nil)
        let group = TranslationGroup(key: "a", locale: "en")
        machine.accept([Self.work("a", 100)], isLast: true)
        for _ in 0..<2 {
            guard case .delete = machine.next(isSynchronizationDue: false) else {
                Issue.record("no batch")
                return
            }
        }
        machine.note(
            counts: [50], intents: [TranslationIntent(group: group, ids: [1])], nanoseconds: 1_000_000)
        #expect(machine.next(isSynchronizationDue: true) == .synchronize)
        #expect(machine.synchronized() == [])
        machine.note(
            counts: [50], intents: [TranslationIntent(group: group, ids: [2])], nanoseconds: 1_000_000)
        #expect(machine.next(isSynchronizationDue: true) == .synchronize)
        #expect(machine.synchronized() == [TranslationIntent(group: group, ids: [1, 2])])
    }

    @Test("What came in after the disk was asked waits for the next time")
    func askedBefore() {
        var machine = PruneMachine(sizer: BatchSizer(targetNanoseconds: 1_000_000, start: 50), limit: nil)
        let groups = ["a", "b"].map { TranslationGroup(key: $0, locale: "en") }
        machine.accept([Self.work("a", 50), Self.work("b", 50)], isLast: true)
        for _ in 0..<2 {
            guard case .delete = machine.next(isSynchronizationDue: false) else {
                Issue.record("no batch")
                return
            }
        }
        machine.note(
            counts: [50], intents: [TranslationIntent(group: groups[0], ids: [1])], nanoseconds: 1_000_000)
        #expect(machine.next(isSynchronizationDue: true) == .synchronize)
        machine.note(
            counts: [50], intents: [TranslationIntent(group: groups[1], ids: [2])], nanoseconds: 1_000_000)
        #expect(machine.next(isSynchronizationDue: true) == .awaitDisk)
        #expect(machine.synchronized() == [TranslationIntent(group: groups[0], ids: [1])])
        #expect(machine.next(isSynchronizationDue: false) == .synchronize)
        #expect(machine.synchronized() == [TranslationIntent(group: groups[1], ids: [2])])
        #expect(machine.next(isSynchronizationDue: false) == .done)
    }

    @Test("A limit is kept to the row, with two batches under way too")
    func limitUnderWay() {
        var machine = PruneMachine(sizer: BatchSizer(targetNanoseconds: 1_000_000, start: 50), limit: 70)
        machine.accept((1...4).map { Self.work("k\($0)", 50) }, isLast: true)
        var rows: [Int] = []
        for _ in 0..<2 {
            if case .delete(let batch) = machine.next(isSynchronizationDue: false) { rows.append(batch.rows) }
        }
        #expect(rows == [50, 20])
        #expect(machine.next(isSynchronizationDue: false) == .settle)
    }

    @Test("A limit is kept to the row")
    func limit() {
        var machine = PruneMachine(sizer: BatchSizer(targetNanoseconds: 1_000_000, start: 100), limit: 70)
        machine.accept([Self.work("a", 60), Self.work("b", 60)], isLast: true)
        var deleted = 0
        while case .delete(let batch) = machine.next(isSynchronizationDue: false) {
            deleted += batch.rows
            machine.note(
                counts: batch.groups.map(\.victims.count), intents: [], nanoseconds: 1)
        }
        #expect(deleted == 70)
    }

    @Test("Skipped groups are read again, and their caches told once, after the last of their rows")
    func retries() {
        var machine = PruneMachine(sizer: BatchSizer(targetNanoseconds: 1_000_000, start: 100), limit: nil)
        let (a, b) = (TranslationGroup(key: "a", locale: "en"), TranslationGroup(key: "b", locale: "en"))
        machine.accept([Self.work("a", 3), Self.work("b", 2)], isLast: true)
        guard case .delete = machine.next(isSynchronizationDue: false) else {
            Issue.record("no batch")
            return
        }
        machine.note(
            counts: [1, 2],
            intents: [TranslationIntent(group: a, ids: [1]), TranslationIntent(group: b, ids: [2])],
            nanoseconds: 1)
        #expect(machine.next(isSynchronizationDue: true) == .synchronize)
        #expect(machine.synchronized() == [TranslationIntent(group: b, ids: [2])])
        #expect(machine.next(isSynchronizationDue: false) == .retry([a]))
        machine.acceptRetried([Self.work("a", 2)], asked: [a])
        guard case .delete = machine.next(isSynchronizationDue: false) else {
            Issue.record("no second batch")
            return
        }
        machine.note(
            counts: [2], intents: [TranslationIntent(group: a, ids: [3])], nanoseconds: 1)
        #expect(machine.next(isSynchronizationDue: false) == .synchronize)
        #expect(machine.synchronized() == [TranslationIntent(group: a, ids: [1, 3])])
        #expect(machine.next(isSynchronizationDue: false) == .done)
    }

    @Test("What the list of skipped groups cannot hold is found by reading the table again from there")
    func overflow() {
        var machine = PruneMachine(sizer: BatchSizer(targetNanoseconds: 1_000_000, start: 20_000), limit: nil)
        let works = (0..<(RetryList.limit + 5)).map { Self.work("k\($0 + 100_000)", 1) }
        machine.accept(works, isLast: true)
        while case .delete(let batch) = machine.next(isSynchronizationDue: false) {
            machine.note(counts: batch.groups.map { _ in 0 }, intents: [], nanoseconds: 1)
        }
        #expect(machine.retry.groups.count <= RetryList.limit)
        var asked = 0
        var step = machine.next(isSynchronizationDue: false)
        while case .retry(let groups) = step {
            asked += groups.count
            machine.acceptRetried([], asked: groups)
            step = machine.next(isSynchronizationDue: false)
        }
        // The first retry step was taken by the loop above.
        #expect(asked >= RetryList.limit - PruneMachine.retryGroups)
        #expect(step == .read)
        #expect(machine.restart == TranslationGroup(key: "k\(100_000 + RetryList.limit)", locale: "en"))
    }

    @Test("Groups beyond the list of skipped ones are told at the end, though then nothing is left of them")
    func overflowTold() {
        var machine = PruneMachine(sizer: BatchSizer(targetNanoseconds: 1_000_000, start: 20_000), limit: nil)
        machine.accept((0...RetryList.limit).map { Self.work("k\($0 + 100_000)", 2) }, isLast: true)
        var told: Set<Int64> = []
        var left: Int64 = 0
        run: while true {
            switch machine.next(isSynchronizationDue: false) {
            case .delete(let batch):
                // One row of each goes, the other is somebody's.
                let intents = batch.groups.map { work in
                    left += 1
                    return TranslationIntent(group: work.group, ids: [left])
                }
                machine.note(counts: batch.groups.map { _ in 1 }, intents: intents, nanoseconds: 1)
            case .retry(let groups): machine.acceptRetried([], asked: groups)
            case .read: machine.accept([], isLast: true)
            case .synchronize: for intent in machine.synchronized() { told.formUnion(intent.ids) }
            case .settle, .awaitDisk, .done: break run
            }
        }
        #expect(told.count == RetryList.limit + 1)
    }

    // MARK: - Selection

    @Test(
        "A glob becomes a LIKE pattern with the same meaning, its prefix and what lies behind",
        arguments: [
            ("badge.*", "badge.%", "badge.", "badge/"), ("a?c", "a_c", "a", "b"),
            ("100%_*", "100\\%\\_%", "100%_", "100%`"),
            ("*", "%", "", nil), ("a\\*b", "a*b", "a*b", "a*c"), ("\u{D7FF}*", "\u{D7FF}%", "\u{D7FF}", "\u{E000}"),
            ("it's\\\\", "it's\\\\", "it's\\", "it's]"),
        ] as [(String, String, String, String?)])
    func globs(text: String, like: String, prefix: String, end: String?) throws {
        let selection = Selection(locales: nil, key: try Glob(text))
        #expect(selection.like == like)
        #expect(selection.prefix == prefix)
        #expect(selection.end == end)
    }

    @Test("A plan that reads the table whole is told from one that does not")
    func plans() {
        let scan = """
            [ { "Plan": {
                "Node Type": "Limit",
                "Plans": [ {
                    "Node Type": "Seq Scan",
                    "Relation Name": "translations",
            """
        #expect(PlanGuard.verdict(scan) == PlanGuard.Verdict(index: nil, scansTable: true))
        let index = """
                "Node Type": "Index Scan",
                "Index Name": "idx_translations_rank",
                "Relation Name": "translations",
                "Node Type": "Seq Scan",
                "Relation Name": "locales",
            """
        #expect(PlanGuard.verdict(index) == PlanGuard.Verdict(index: "idx_translations_rank", scansTable: false))
    }
}
