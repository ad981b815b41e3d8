import Redrive

/// One copy of a tool with one lane: the driver's part, done against the model broker, with faults injected
/// between any two of its effects.
final class SimulatedCopy {
    let run: SimulatedRun
    let sender: ModelBroker.Sender
    private let broker: ModelBroker
    private var machine: LaneMachine
    private let member: ModelGroup.Member
    private var producer: ModelBroker.Producer
    private var metadata: [UInt64: ModelGroup.Metadata] = [:]
    private var epoch: UInt64 = 0
    private var ends: [Int32: Int64]
    private var isReleasing = false
    private var isPaused = false
    private var held: (partitions: [Int32], captured: ModelGroup.Metadata)?
    private var renewal = Renewal.none

    /// Where retention has overtaken a partition, the driver gives all back and takes it anew.
    private enum Renewal { case none, releasing, loading }
    /// Where each log began when its progress was read.
    private var starts: [Int32: Int64] = [:]
    /// What a driver that does not read progress again would believe.
    private var believed: [Int32: PartitionStart] = [:]
    private let mutant: Mutant?
    private(set) var state = State.running
    /// What its tally should say.
    private(set) var witnessed = WitnessedTally()

    enum State: Equatable { case running, finished, crashed, failed(LaneFailure) }

    init(run: SimulatedRun, copy: Int, broker: ModelBroker, mutant: Mutant?) {
        self.run = run
        sender = ModelBroker.Sender(run: run.name, copy: copy)
        producer = ModelBroker.Producer(isTransactional: run.delivery == .exactlyOnce)
        self.broker = broker
        self.mutant = mutant
        var configuration = LaneConfiguration(
            group: "g", topic: "dlq", run: run.name, copy: "c\(copy)", delivery: run.delivery, keepsProgress: true,
            limit: run.limit, budget: TransactionBudget(age: 400_000_000, bytes: 1_000_000, records: run.batch))
        configuration.leavesNothing = run.leavesNothing
        configuration.bounds.parked = run.maximumParked
        machine = LaneMachine(configuration)
        member = broker.group.join(now: broker.now)
        ends = Dictionary(
            uniqueKeysWithValues: broker.partitions.enumerated().map { (Int32($0.offset), $0.element.end) })
    }

    /// Whether its tally must be what the broker holds of it. At least once, what is published counts when it is committed;
    /// a copy that came to no end, or was disturbed, has more out there.
    var isAccountable: Bool {
        if run.delivery == .atLeastOnce, state != .finished || witnessed.disturbances > 0 { return false }
        return !witnessed.isUncertain
    }

    /// What its tally says wrongly; nil where nothing is wrong.
    var miscount: String? {
        if let most = run.maximumParked, machine.tally.parkedTotal > most {
            return "parked \(machine.tally.parkedTotal), and at most \(most) were allowed"
        }
        return witnessed.difference(
            from: machine.tally, published: broker.destination.filter { $0.sender == sender && $0.isCommitted })
    }

    /// How often, at least once, it may have had a batch published again: once a trouble, once for its end by force.
    var mayRepeat: Int { witnessed.disturbances + (state == .finished ? 0 : 1) }

    /// Asks the machine in place: a method that changes nothing would be called on a copy of all that it holds.
    private func ask<Answer>(_ question: (inout LaneMachine) -> Answer) -> Answer { question(&machine) }

    private func owner(of partition: Int32) -> ProgressOwner { ask { $0.owner(of: partition) } }

    /// The client library's own thread.
    func heartbeat() { if state == .running { broker.group.heartbeat(member, now: broker.now) } }

    /// `kill -9`: nothing is said to anybody.
    func crash() { if state == .running { state = .crashed } }

    func stop() { machine.stop() }

    /// Waits, or goes on.
    func togglePause() {
        isPaused.toggle()
        machine.pause(isPaused)
    }

    /// One step of the driver.
    func step(_ faults: inout Faults) {
        guard state == .running else { return }
        takeEvents(&faults)
        renew()
        do {
            try perform(machine.next(now: broker.now), &faults)
        } catch is Crash {
            state = .crashed
        } catch is OutOfTime {
            // As where brokers stay away for too long: nobody knows whether the last call was heard.
            witnessed.isUncertain = true
            try? broker.abortTransaction(of: producer)
            broker.group.leave(member, now: broker.now)
            state = .failed(.tooManyAborts("out of time"))
        } catch {
            state = .failed(.tooManyAborts("\(error)"))
        }
    }

    private func takeEvents(_ faults: inout Faults) {
        guard let event = member.events.first, !isReleasing, !faults.oneIn(3) else { return }
        switch event {
        case .revoke:
            isReleasing = true
            renewal = .none
            member.events.removeFirst()
            machine.release()
        case .assign(let partitions, let captured):
            if assign(partitions, captured) { member.events.removeFirst() }
        }
    }

    /// - Returns: false while something is not stable yet.
    private func assign(_ partitions: [Int32], _ captured: ModelGroup.Metadata) -> Bool {
        guard let starts = load(partitions) else { return false }
        epoch += 1
        metadata[epoch] = captured
        held = (partitions, captured)
        for partition in partitions where ends[partition] == nil {
            ends[partition] = broker.partitions[Int(partition)].end
        }
        believed = Dictionary(uniqueKeysWithValues: starts.map { ($0.partition, $0) })
        witnessed.drop()
        machine.assign(starts.map { ($0, ends[$0.partition]) }, epoch: epoch)
        return true
    }

    private func renew() {
        guard renewal == .loading, let held else { return }
        if assign(held.partitions, held.captured) { renewal = .none }
    }

    private func perform(_ step: LaneStep, _ faults: inout Faults) throws {
        switch step {
        case .idle: break
        case .openProducer:
            producer = ModelBroker.Producer(isTransactional: run.delivery == .exactlyOnce)
            machine.producerOpened()
        case .load(let partitions):
            if mutant == .progressNotReadAgain {
                machine.loaded(partitions.compactMap { believed[$0] })
            } else if let starts = load(partitions) {
                machine.loaded(starts)
            }
        case .begin: machine.began()
        case .fetch: try fetch(&faults)
        case .commit(let commit): try report(&faults) { try self.commit(commit, &$0) }
        case .abort:
            try report(&faults) { faults in
                try faults.point()
                try self.retried(&faults) { try self.broker.abortTransaction(of: self.producer) }
                self.machine.aborted()
            }
            // What was refused may be reported this late.
            let refused = producer.takeRefused()
            if !refused.isEmpty { machine.learn(refused) }
            witnessed.drop()
        case .released:
            isReleasing = false
            witnessed.settle()
            if renewal == .releasing {
                renewal = .loading
                return
            }
            broker.group.rejoin(member, now: broker.now)
        case .finished:
            witnessed.settle()
            broker.group.leave(member, now: broker.now)
            state = .finished
        case .failed(let failure):
            try? broker.abortTransaction(of: producer)
            broker.group.leave(member, now: broker.now)
            state = .failed(failure)
        }
    }

    /// Offset first, then progress, then the log's ends; nil while something is not stable yet.
    private func load(_ partitions: [Int32]) -> [PartitionStart]? {
        var starts: [PartitionStart] = []
        for partition in partitions {
            let owner = owner(of: partition)
            guard let committed = broker.stableOffset(of: partition),
                let image = try? broker.stableProgress(of: owner)
            else { return nil }
            let log = broker.partitions[Int(partition)]
            let facts = PartitionFacts(
                owner: owner, committed: committed.map { ($0.offset, $0.metadata) },
                image: image, logStart: log.logStart, highWatermark: log.end)
            guard let start = try? facts.reconcile(acceptReset: false) else {
                state = .failed(.tooManyAborts("progress refused"))
                return nil
            }
            starts.append(start)
        }
        for start in starts { self.starts[start.partition] = start.logStart }
        return starts
    }

    private func fetch(_ faults: inout Faults) throws {
        for (partition, position) in ask({ $0.positions }).sorted(by: { $0.key < $1.key }) {
            guard
                let records = broker.fetch(
                    partition, from: position, limit: Int.random(in: 1...4, using: &faults.random))
            else {
                renewal = .releasing
                isReleasing = true
                machine.release()
                return
            }
            for record in records {
                if ask({ $0.isFull || $0.mustWait(partition: partition, offset: record.offset) }) { return }
                try offer(record, partition: partition, &faults)
            }
            // As from a broker: the end comes behind the last record, whatever became of the records before it.
            let log = broker.partitions[Int(partition)]
            if records.last?.offset == log.records.last?.offset || records.isEmpty {
                machine.reachedEnd(partition: partition, offset: log.end)
            }
        }
    }

    private func offer(_ record: ModelBroker.SourceRecord, partition: Int32, _ faults: inout Faults) throws {
        guard machine.wants(partition: partition, offset: record.offset) else { return }
        let verdict = ask { $0.reconsidered(run.verdict(record), partition: partition, offset: record.offset) }
        let admission = machine.admit(
            partition: partition, offset: record.offset, verdict: verdict, bytes: SimulatedRun.bytesOfRecord,
            now: broker.now)
        guard admission == .publish else {
            if machine.isBounded { return }
            witnessed.leave(record, verdict)
            return
        }
        var isParked = false
        if case .park = verdict { isParked = true }
        if mutant == .progressNotReadAgain { believed[partition]?.done.insert(record.offset..<record.offset + 1) }
        if mutant == .commitBeforePublish, case .commit(let commit) = commitNow() {
            broker.force(commit)
        }
        try report(&faults) { faults in
            try faults.point()
            try self.broker.publish(
                .init(record: record, partition: partition, sender: self.sender, parked: isParked), by: self.producer)
            if faults.random.oneIn(3) { try self.broker.deliver(self.producer) }
        }
    }

    private func commitNow() -> LaneStep {
        var copy = machine
        copy.release()
        return copy.next(now: broker.now)
    }

    private func commit(_ commit: RedriveCommit, _ faults: inout Faults) throws {
        let captured = mutant == .metadataAtCommit ? broker.group.current(of: member) : metadata[commit.epoch]
        guard let captured else { throw ModelBroker.Refusal.illegalGeneration }
        try faults.point()
        try broker.deliver(producer)
        if run.delivery == .atLeastOnce, producer.hasRefused { return takeBack() }
        let before = broker.doneBelow(starts, of: commit, owner)
        for record in commit.progress {
            try faults.point()
            try broker.publish(record, by: producer)
        }
        try faults.point()
        if run.delivery == .exactlyOnce {
            try retried(&faults) { try self.broker.sendOffsets(commit, as: captured, by: self.producer) }
            try faults.point()
            try retried(&faults) { try self.broker.commitTransaction(of: self.producer) }
        } else {
            try retried(&faults) { try self.broker.commitOffsets(commit, as: captured) }
        }
        witnessed.isUncertain = true
        try faults.crashPoint()
        witnessed.isUncertain = false
        machine.committed(commit)
        witnessed.settle()
        witnessed.overtaken(before: before, after: broker.doneBelow(starts, of: commit, owner))
    }

    /// At least once: the records that were refused, and only they, are not done.
    private func takeBack() {
        let refused = producer.takeRefused()
        if mutant == .batchRepeatedForOneRecord {
            machine.learn(refused)
            machine.transactionFailed(.abortable("refused"), now: broker.now)
        } else {
            machine.refused(refused)
        }
    }

    /// A call that the client library repeats where its time runs out, for as long as there is patience.
    private func retried(_ faults: inout Faults, _ body: () throws -> Void) throws {
        for _ in 0..<4 {
            switch faults.answer() {
            case .arrives: return try body()
            case .requestLost:
                if mutant == .timeoutTakenAsDone { return }
            case .answerLost:
                try body()
                if mutant == .lateAnswerTakenAsFailure { throw Faults.Injected.abortable }
            }
        }
        throw OutOfTime()
    }

    private func report(_ faults: inout Faults, _ body: (inout Faults) throws -> Void) throws {
        do {
            return try body(&faults)
        } catch ModelBroker.Refusal.fenced, Faults.Injected.fatal {
            producer.isFenced = true
            machine.transactionFailed(.fatal("fenced"), now: broker.now)
        } catch ModelBroker.Refusal.illegalGeneration {
            machine.transactionFailed(.generationFenced, now: broker.now)
        } catch Faults.Injected.abortable {
            machine.transactionFailed(.abortable("injected"), now: broker.now)
        } catch ModelBroker.Refusal.erroneousTransaction {
            // The report of the refused records may come later than the trouble itself.
            let refused = faults.random.oneIn(3) ? RefusedRecords() : producer.takeRefused()
            if refused.isEmpty || mutant == .refusedBatchTriedAgain {
                machine.transactionFailed(.abortable("refused"), now: broker.now)
            } else {
                machine.refused(refused)
            }
            return
        }
        witnessed.disturbances += 1
        witnessed.drop()
    }
}

/// Brokers did not answer in time, however often they were asked.
private struct OutOfTime: Error {}

extension ModelGroup {
    /// What a driver gets that asks only when it commits.
    func current(of member: Member) -> Metadata? {
        members.contains { $0 === member } ? Metadata(member: member.id, generation: generation) : nil
    }
}
