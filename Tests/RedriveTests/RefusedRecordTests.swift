import Redrive
import Testing

@Suite("Records that brokers refuse") struct RefusedRecordTests {
    private func machine(_ delivery: Delivery, keepsProgress: Bool = true) -> LaneMachine {
        var machine = LaneMachine(
            LaneConfiguration(
                group: "g", topic: "dlq", run: "r", copy: "c", delivery: delivery, keepsProgress: keepsProgress,
                budget: TransactionBudget(age: 100, bytes: 1_000_000, records: 64)))
        machine.producerOpened()
        let start = PartitionStart(partition: 0, done: DoneSet(committed: 0), logStart: 0)
        machine.assign([(start, 100)], epoch: 1)
        if delivery == .exactlyOnce { machine.began() }
        return machine
    }

    private func attempt(_ offset: Int64, byParking: Bool = false) -> PublishAttempt {
        PublishAttempt(partition: 0, offset: offset, byParking: byParking)
    }

    /// Offers records as the driver does; gives those that were published.
    @discardableResult private func offer(
        _ machine: inout LaneMachine, _ offsets: Range<Int64>, as verdict: Verdict = .redrive
    ) -> [Int64] {
        var published: [Int64] = []
        for offset in offsets where !machine.isFull {
            guard machine.wants(partition: 0, offset: offset) else { continue }
            if machine.mustWait(partition: 0, offset: offset) { break }
            let verdict = machine.reconsidered(verdict, partition: 0, offset: offset)
            if machine.admit(partition: 0, offset: offset, verdict: verdict, bytes: 1, now: 0) == .publish {
                published.append(offset)
            }
        }
        return published
    }

    private func commit(_ machine: inout LaneMachine) -> RedriveCommit? {
        guard case .commit(let commit) = machine.next(now: 1_000) else { return nil }
        machine.committed(commit)
        return commit
    }

    private func restart(_ machine: inout LaneMachine, doneBelow committed: Int64) {
        machine.aborted()
        machine.loaded([PartitionStart(partition: 0, done: DoneSet(committed: committed), logStart: 0)])
        machine.began()
    }

    @Test func oneThatIsTooLargeAbortsItsTransactionAndIsParkedThen() {
        var machine = machine(.exactlyOnce)
        offer(&machine, 0..<3)
        machine.refused(RefusedRecords(singly: [attempt(1)]))
        #expect(machine.next(now: 0) == .abort)
        restart(&machine, doneBelow: 0)
        #expect(offer(&machine, 0..<3) == [0, 1, 2])
        #expect(commit(&machine)?.offsets.map(\.offset) == [3])
        #expect(machine.tally.redriven == 2)
        #expect(machine.tally.parked == [ParkReason.unpublishable: 1])
        #expect(machine.refusedRecords.isEmpty, "it is dealt with, and need not be remembered")
    }

    @Test func oneThatNoTopicTakesStaysAndIsCountedOnce() {
        var machine = machine(.exactlyOnce)
        offer(&machine, 0..<2)
        machine.refused(RefusedRecords(singly: [attempt(0)]))
        restart(&machine, doneBelow: 0)
        offer(&machine, 0..<2)
        machine.refused(RefusedRecords(singly: [attempt(0, byParking: true)]))
        restart(&machine, doneBelow: 0)
        #expect(offer(&machine, 0..<2) == [1])
        #expect(commit(&machine)?.offsets.map(\.offset) == [0])
        #expect(machine.tally.rejected == 1 && machine.tally.redriven == 1 && machine.tally.parked.isEmpty)
        #expect(machine.refusedRecords.contains(attempt(0, byParking: true)))
    }

    @Test func oneThatNobodySelectedIsNotParkedWhenItsTopicRefusesIt() {
        var machine = machine(.exactlyOnce)
        offer(&machine, 0..<2, as: .requeue)
        machine.refused(RefusedRecords(singly: [attempt(0)]))
        restart(&machine, doneBelow: 0)
        #expect(offer(&machine, 0..<2, as: .requeue) == [1])
        _ = commit(&machine)
        #expect(machine.tally.skipped == 1 && machine.tally.requeued == 1 && machine.tally.parkedTotal == 0)
    }

    @Test(arguments: [Int64(0), 1, 31, 32, 62, 63])
    func theOneThatSpoilsABatchIsFoundInAFewTransactions(offender: Int64) {
        var machine = machine(.exactlyOnce)
        var (aborts, done) = (0, Int64(0))
        while done < 64, aborts < 20 {
            let published = offer(&machine, done..<64)
            if published.contains(offender), machine.reconsidered(.redrive, partition: 0, offset: offender) == .redrive
            {
                aborts += 1
                machine.refused(RefusedRecords(inBatches: published.map { attempt($0) }))
                #expect(machine.next(now: 0) == .abort)
                restart(&machine, doneBelow: done)
            } else {
                done = commit(&machine)?.offsets.first?.offset ?? done
                machine.began()
            }
        }
        #expect(aborts <= 7, "more than halving 64 down to one")
        #expect(machine.tally.redriven == 63)
        #expect(machine.tally.parked == [ParkReason.unpublishable: 1])
    }

    @Test func suspectsArePublishedByThemselves() {
        var machine = machine(.exactlyOnce)
        offer(&machine, 0..<10)
        machine.refused(RefusedRecords(inBatches: (4..<8).map { attempt($0) }))
        restart(&machine, doneBelow: 0)
        #expect(offer(&machine, 0..<10) == [0, 1, 2, 3].dropLast(2), "half as many as there are suspects")
        _ = commit(&machine)
        machine.began()
        #expect(offer(&machine, 2..<10) == [2, 3])
        _ = commit(&machine)
        machine.began()
        #expect(offer(&machine, 4..<10) == [4, 5])
        #expect(machine.isFull)
    }

    @Test func atLeastOnceOnlyTheRefusedOneIsTakenBack() {
        var machine = machine(.atLeastOnce)
        #expect(offer(&machine, 0..<5) == [0, 1, 2, 3, 4])
        machine.refused(RefusedRecords(singly: [attempt(2)]))
        let first = commit(&machine)
        #expect(first?.offsets.map(\.offset) == [2])
        #expect(machine.tally.redriven == 4 && machine.tally.bytes == 4)
        #expect(machine.next(now: 0) == .load([0]))
        var done = DoneSet(committed: 2)
        done.insert(3..<5)
        machine.loaded([PartitionStart(partition: 0, done: done, sequence: 1, logStart: 0)])
        #expect(offer(&machine, 2..<5) == [2], "the others are there already")
        #expect(commit(&machine)?.offsets.map(\.offset) == [5])
        #expect(machine.tally.redriven == 4)
        #expect(machine.tally.parked == [ParkReason.unpublishable: 1])
    }

    @Test func atLeastOnceWhatStaysIsCountedAlthoughItIsFoundLate() {
        var machine = machine(.atLeastOnce)
        offer(&machine, 0..<2)
        #expect(offer(&machine, 2..<4, as: .skip).isEmpty)
        machine.refused(RefusedRecords(singly: [attempt(1)]))
        _ = commit(&machine)
        let again = PartitionStart(partition: 0, done: DoneSet(committed: 1), sequence: 1, logStart: 0)
        machine.loaded([again])
        #expect(offer(&machine, 1..<2) == [1], "on the parked topic")
        machine.refused(RefusedRecords(singly: [attempt(1, byParking: true)]))
        _ = commit(&machine)
        machine.loaded([again])
        #expect(offer(&machine, 1..<2).isEmpty)
        #expect(offer(&machine, 2..<4, as: .skip).isEmpty)
        machine.stop()
        #expect(machine.next(now: 0) == .finished(.stopped))
        #expect(machine.tally.rejected == 1 && machine.tally.skipped == 2 && machine.tally.redriven == 1)
    }

    @Test func progressSaysWhatIsDoneAboveAnOffsetThatWentBackOverChunks() throws {
        var machine = LaneMachine(
            LaneConfiguration(
                group: "g", topic: "dlq", run: "r", copy: "c", delivery: .atLeastOnce, keepsProgress: true,
                budget: TransactionBudget(age: 100, bytes: 1_000_000, records: 64)))
        machine.producerOpened()
        let span = Int64(DoneChunk.span)
        let start = PartitionStart(partition: 0, done: DoneSet(committed: span - 2), logStart: 0)
        machine.assign([(start, 3 * span)], epoch: 1)
        for offset in [span - 2, span - 1, span, 2 * span, 2 * span + 1] {
            offer(&machine, offset..<offset + 1)
        }
        machine.undelivered([attempt(span - 1)])
        let commit = try #require(self.commit(&machine))
        #expect(commit.offsets.map(\.offset) == [span - 1])
        var image = ProgressImage()
        for record in commit.progress {
            let bytes = try #require(record.value.map { ProgressCodec.encode($0, stamp: record.stamp) })
            try bytes.withUnsafeBytes { try image.apply(record.key, value: $0, timestamp: 0) }
        }
        var done = DoneSet(committed: try #require(image.partition?.committed))
        for (index, chunk) in image.chunks { done.insert(chunk: chunk, at: index) }
        #expect(done.remaining(below: 2 * span + 2) == 1)
        #expect(!done.contains(span - 1))
    }

    @Test func withoutAProgressTopicOneThatStaysEndsTheLane() {
        var machine = machine(.exactlyOnce, keepsProgress: false)
        machine.learn(RefusedRecords(singly: [attempt(1), attempt(1, byParking: true)]))
        #expect(offer(&machine, 0..<3) == [0])
        #expect(commit(&machine)?.offsets.map(\.offset) == [1])
        #expect(machine.next(now: 0) == .failed(.cannotLeaveBehind(partition: 0, offset: 1)))
    }

    @Test func moreThanCanBeRememberedEndTheLane() {
        var machine = machine(.exactlyOnce)
        machine.learn(RefusedRecords(singly: (0..<50_001).map { attempt($0) }))
        #expect(machine.next(now: 0) == .failed(.tooManyRefused(50_000)))
    }

    @Test func aRefusalThatBringsNothingNewIsNoProgress() {
        var machine = machine(.exactlyOnce)
        machine.learn(RefusedRecords(singly: [attempt(0)]))
        for _ in 0...20 {
            offer(&machine, 0..<1)
            machine.transactionFailed(.abortable("x"), now: 0)
            if machine.next(now: 0) != .abort { break }
            restart(&machine, doneBelow: 0)
            machine.learn(RefusedRecords(singly: [attempt(0)]))
        }
        #expect(machine.next(now: 0) == .failed(.tooManyAborts("x")))
    }
}
