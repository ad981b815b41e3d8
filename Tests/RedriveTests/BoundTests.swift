import Redrive
import Testing

@Suite("Bounds of a run")
struct BoundTests {
    private func machine(_ bounds: RunBounds) -> LaneMachine {
        var configuration = LaneConfiguration(
            group: "g", topic: "t", run: "r", copy: "c", delivery: .exactlyOnce, keepsProgress: true,
            budget: TransactionBudget(age: 1_000, bytes: 1_000, records: 100))
        configuration.bounds = bounds
        var machine = LaneMachine(configuration)
        machine.producerOpened()
        machine.assign([(PartitionStart(partition: 0, done: DoneSet(committed: 0), logStart: 0), 10)], epoch: 1)
        #expect(machine.next(now: 0) == .begin)
        machine.began()
        return machine
    }

    private func offer(_ verdict: Verdict, at offset: Int64, to machine: inout LaneMachine) -> Admission? {
        guard machine.wants(partition: 0, offset: offset) else { return nil }
        return machine.admit(partition: 0, offset: offset, verdict: verdict, bytes: 1, now: 1)
    }

    private func commit(_ machine: inout LaneMachine) -> RedriveCommit? {
        guard case .commit(let commit) = machine.next(now: 5_000) else { return nil }
        machine.committed(commit)
        return commit
    }

    @Test("one record too many to park is neither parked nor passed, and ends the lane once the rest is committed")
    func parked() {
        var machine = machine(RunBounds(parked: 1))
        #expect(offer(.redrive, at: 0, to: &machine) == .publish)
        #expect(offer(.park(reason: "a"), at: 1, to: &machine) == .publish)
        #expect(offer(.redrive, at: 2, to: &machine) == .publish)
        #expect(offer(.park(reason: "b"), at: 3, to: &machine) == .pass)
        // Nothing behind it is taken, and no end of the partition counts as a gap.
        #expect(offer(.redrive, at: 4, to: &machine) == nil)
        machine.reachedEnd(partition: 0, offset: 10)
        #expect(commit(&machine)?.offsets.first?.offset == 3)
        #expect(machine.next(now: 3) == .finished(.bounded(.parked)))
        #expect(machine.tally.parkedTotal == 1 && machine.tally.redriven == 2 && machine.remaining == 7)
    }

    @Test("an abort takes back what had reached the bound")
    func abort() {
        var machine = machine(RunBounds(parked: 1))
        #expect(offer(.park(reason: "a"), at: 0, to: &machine) == .publish)
        #expect(offer(.park(reason: "a"), at: 1, to: &machine) == .pass)
        machine.transactionFailed(.abortable("test"), now: 2)
        #expect(machine.next(now: 2) == .abort)
        machine.aborted()
        #expect(machine.next(now: 2) == .load([0]))
        machine.loaded([PartitionStart(partition: 0, done: DoneSet(committed: 0), logStart: 0)])
        #expect(machine.next(now: 2) == .begin)
        machine.began()
        #expect(offer(.park(reason: "a"), at: 0, to: &machine) == .publish)
        #expect(offer(.redrive, at: 1, to: &machine) == .publish)
        #expect(commit(&machine)?.offsets.first?.offset == 2)
    }

    @Test("records that no topic takes are errors, and so are those that only the parked topic takes")
    func errors() {
        var machine = machine(RunBounds(errors: 2))
        #expect(offer(.reject, at: 0, to: &machine) == .pass)
        #expect(offer(.park(reason: ParkReason.unpublishable), at: 1, to: &machine) == .publish)
        #expect(offer(.park(reason: "origin.missing"), at: 2, to: &machine) == .publish)
        #expect(offer(.reject, at: 3, to: &machine) == .pass)
        #expect(offer(.redrive, at: 4, to: &machine) == nil)
        #expect(commit(&machine)?.offsets.first?.offset == 0)
        #expect(machine.next(now: 3) == .finished(.bounded(.errors)))
        #expect(machine.tally.rejected == 1)
    }

    @Test("a bound of 0 allows none")
    func none() {
        var machine = machine(RunBounds(parked: 0))
        #expect(offer(.park(reason: "a"), at: 0, to: &machine) == .pass)
        #expect(machine.next(now: 2) == .finished(.bounded(.parked)))
    }
}
