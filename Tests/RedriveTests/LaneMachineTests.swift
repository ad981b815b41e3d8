import Redrive
import Testing

@Suite struct LaneMachineTests {
    private func machine(limit: Int64? = nil, keepsProgress: Bool = true) -> LaneMachine {
        var machine = LaneMachine(
            LaneConfiguration(
                group: "g", topic: "dlq", run: "r", copy: "c", delivery: .exactlyOnce, keepsProgress: keepsProgress,
                limit: limit, budget: TransactionBudget(age: 100, bytes: 1_000, records: 10)))
        machine.producerOpened()
        return machine
    }

    private func start(_ committed: Int64 = 0) -> PartitionStart {
        PartitionStart(partition: 0, done: DoneSet(committed: committed), logStart: 0)
    }

    private func offer(_ machine: inout LaneMachine, _ offset: Int64, _ verdict: Verdict = .redrive) -> Admission? {
        guard machine.wants(partition: 0, offset: offset) else { return nil }
        return machine.admit(partition: 0, offset: offset, verdict: verdict, bytes: 1, now: 0)
    }

    private func commit(_ machine: inout LaneMachine, now: UInt64) throws -> RedriveCommit {
        guard case .commit(let commit) = machine.next(now: now) else {
            throw Mismatch(step: machine.next(now: now))
        }
        machine.committed(commit)
        return commit
    }

    private struct Mismatch: Error { let step: LaneStep }

    @Test func aTransactionCommitsWhenItIsOldEnoughOrFull() throws {
        var machine = machine()
        machine.assign([(start(), 100)], epoch: 1)
        #expect(machine.next(now: 0) == .begin)
        machine.began()
        #expect(offer(&machine, 0) == .publish)
        #expect(machine.next(now: 99) == .fetch(until: 100))
        let first = try commit(&machine, now: 100)
        #expect(first.offsets.map(\.offset) == [1])
        machine.began()
        for offset in 1...10 as ClosedRange<Int64> { #expect(offer(&machine, offset) == .publish) }
        #expect(machine.isFull)
        #expect(try commit(&machine, now: 101).offsets.map(\.offset) == [11])
    }

    @Test func aMarkerAtTheEndIsPassedAndCommitted() throws {
        var machine = machine()
        machine.assign([(start(), 5)], epoch: 1)
        machine.began()
        #expect(offer(&machine, 3) == .publish)
        machine.reachedEnd(partition: 0, offset: 9)
        #expect(try commit(&machine, now: 0).offsets.map(\.offset) == [5])
        #expect(machine.next(now: 0) == .finished(.drained))
    }

    @Test func nothingOfAnAbortedTransactionIsCommitted() {
        var machine = machine()
        machine.assign([(start(), 100)], epoch: 1)
        machine.began()
        #expect(offer(&machine, 0) == .publish)
        machine.transactionFailed(.abortable("x"), now: 0)
        #expect(machine.next(now: 0) == .abort)
        machine.aborted()
        #expect(offer(&machine, 1) == nil)
        #expect(machine.next(now: 0) == .load([0]))
        machine.release()
        #expect(machine.next(now: 0) == .released)
        #expect(machine.tally == RunTally())
    }

    @Test func aLimitCountsWhatIsSelected() throws {
        var machine = machine(limit: 2)
        machine.assign([(start(), 100)], epoch: 1)
        machine.began()
        #expect(offer(&machine, 0, .skip) == .pass)
        #expect(offer(&machine, 1, .park(reason: "x")) == .publish)
        #expect(offer(&machine, 2) == .publish)
        #expect(offer(&machine, 3) == nil)
        #expect(try commit(&machine, now: 0).offsets.map(\.offset) == [0])
        #expect(machine.next(now: 0) == .finished(.limitReached))
        #expect(machine.tally.selected == 2)
        #expect(machine.tally.skipped == 1)
    }

    @Test func withoutAProgressTopicNothingIsLeftBehind() throws {
        var machine = machine(keepsProgress: false)
        machine.assign([(start(), 100)], epoch: 1)
        machine.began()
        #expect(offer(&machine, 0) == .publish)
        #expect(offer(&machine, 1, .reject) == .pass)
        #expect(offer(&machine, 2) == nil)
        let committed = try commit(&machine, now: 0)
        #expect(committed.offsets.map(\.offset) == [1])
        #expect(committed.progress.isEmpty)
        #expect(machine.next(now: 0) == .failed(.cannotLeaveBehind(partition: 0, offset: 1)))
    }

    @Test func whatIsLeftBehindIsCountedOnceHoweverOftenItIsRead() throws {
        var machine = machine()
        machine.assign([(start(), 100)], epoch: 1)
        machine.began()
        for offset in 0..<3 as Range<Int64> { #expect(offer(&machine, offset, .skip) == .pass) }
        #expect(offer(&machine, 3) == .publish)
        _ = try commit(&machine, now: 100)
        machine.began()
        #expect(offer(&machine, 4, .reject) == .pass)
        #expect(offer(&machine, 5) == .publish)
        machine.transactionFailed(.abortable("x"), now: 0)
        machine.aborted()
        var done = start()
        done.done.insert(3..<4)
        machine.loaded([done])
        machine.began()
        for offset in 0..<3 as Range<Int64> { #expect(offer(&machine, offset, .skip) == .pass) }
        #expect(offer(&machine, 4, .reject) == .pass)
        #expect(offer(&machine, 5) == .publish)
        _ = try commit(&machine, now: 100)
        #expect(machine.tally.skipped == 3 && machine.tally.rejected == 1 && machine.tally.redriven == 2)
    }

    @Test func theThirdFencingWithinFiveMinutesEndsTheLane() {
        var machine = machine()
        machine.assign([(start(), 100)], epoch: 1)
        for time in [0, 200_000_000_000, 299_000_000_000] as [UInt64] {
            machine.transactionFailed(.fatal("x"), now: time)
            if time < 299_000_000_000 {
                #expect(machine.next(now: time) == .openProducer)
                machine.producerOpened()
            }
        }
        #expect(machine.next(now: 0) == .failed(.fencedRepeatedly))
    }

    @Test func anUnannouncedAssignmentAbortsWhatWasOpen() {
        var machine = machine()
        machine.assign([(start(), 100)], epoch: 1)
        machine.began()
        #expect(offer(&machine, 0) == .publish)
        machine.assign([(start(), 100)], epoch: 2)
        #expect(machine.next(now: 0) == .abort)
    }

    @Test func staleAndRepeatedRecordsAreIgnored() {
        var machine = machine()
        machine.assign([(start(10), 100)], epoch: 1)
        machine.began()
        #expect(offer(&machine, 9) == nil)
        #expect(offer(&machine, 10) == .publish)
        #expect(offer(&machine, 10) == nil)
        let wantsForeign = machine.wants(partition: 5, offset: 11)
        #expect(!wantsForeign)
    }
}
