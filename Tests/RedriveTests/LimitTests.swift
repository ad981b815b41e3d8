import Redrive
import Testing

/// Records that a limit leaves behind stay, however the broker delivers what comes after them.
@Suite struct LimitTests {
    private func machine(limit: Int64) -> LaneMachine {
        var machine = LaneMachine(
            LaneConfiguration(
                group: "g", topic: "dlq", run: "r", copy: "c", delivery: .exactlyOnce, keepsProgress: true,
                limit: limit, budget: TransactionBudget(age: 100, bytes: 1_000, records: 10)))
        machine.producerOpened()
        return machine
    }

    private func offer(_ machine: inout LaneMachine, _ partition: Int32, _ offset: Int64) {
        guard machine.wants(partition: partition, offset: offset) else { return }
        _ = machine.admit(partition: partition, offset: offset, verdict: .redrive, bytes: 1, now: 0)
    }

    @Test func theEndOfThePartitionInTheSameFetchPassesNothing() {
        var machine = machine(limit: 2)
        machine.assign(
            (0..<2).map { (PartitionStart(partition: $0, done: DoneSet(committed: 0), logStart: 0), 4) }, epoch: 1)
        machine.began()
        for partition in 0..<2 as Range<Int32> {
            for offset in 0..<4 as Range<Int64> { offer(&machine, partition, offset) }
            machine.reachedEnd(partition: partition, offset: 4)
        }
        guard case .commit(let commit) = machine.next(now: 0) else {
            Issue.record("nothing to commit: \(machine.next(now: 0))")
            return
        }
        #expect(commit.offsets.map(\.partition) == [0])
        #expect(commit.offsets.map(\.offset) == [2])
        machine.committed(commit)
        #expect(machine.next(now: 0) == .finished(.limitReached))
        #expect(machine.remaining == 6)
    }
}
