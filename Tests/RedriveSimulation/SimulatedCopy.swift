import Redrive

/// One copy of a tool with one lane: the driver's part, done against the model broker, with faults injected
/// between any two of its effects.
final class SimulatedCopy {
    let run: SimulatedRun
    private let broker: ModelBroker
    private var machine: LaneMachine
    private let member: ModelGroup.Member
    private var producer = ModelBroker.Producer()
    private var metadata: [UInt64: ModelGroup.Metadata] = [:]
    private var epoch: UInt64 = 0
    private var ends: [Int32: Int64]
    private var buffer: [Int32: [ModelBroker.SourceRecord]] = [:]
    private var isReleasing = false
    private var held: (partitions: [Int32], captured: ModelGroup.Metadata)?
    private var renewal = Renewal.none

    /// Where retention has overtaken a partition, the driver gives all back and takes it anew.
    private enum Renewal { case none, releasing, loading }
    /// What a driver that does not read progress again would believe.
    private var believed: [Int32: PartitionStart] = [:]
    private let mutant: Mutant?
    private(set) var state = State.running

    enum State: Equatable { case running, finished, crashed, failed(LaneFailure) }

    init(run: SimulatedRun, copy: Int, broker: ModelBroker, mutant: Mutant?) {
        self.run = run
        self.broker = broker
        self.mutant = mutant
        machine = LaneMachine(
            LaneConfiguration(
                group: "g", topic: "dlq", run: run.name, copy: "c\(copy)", delivery: run.delivery, keepsProgress: true,
                limit: run.limit, budget: TransactionBudget(age: 400_000_000, bytes: 1_000_000, records: run.batch)))
        member = broker.group.join(now: broker.now)
        ends = Dictionary(
            uniqueKeysWithValues: broker.partitions.enumerated().map { (Int32($0.offset), $0.element.end) })
    }

    var tally: RunTally { machine.tally }

    /// The client library's own thread.
    func heartbeat() { if state == .running { broker.group.heartbeat(member, now: broker.now) } }

    /// `kill -9`: nothing is said to anybody.
    func crash() { if state == .running { state = .crashed } }

    func stop() { machine.stop() }

    /// One step of the driver.
    func step(_ faults: inout Faults) {
        guard state == .running else { return }
        takeEvents(&faults)
        renew()
        do {
            try perform(machine.next(now: broker.now), &faults)
        } catch is Crash {
            state = .crashed
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
        buffer = [:]
        for partition in partitions where ends[partition] == nil {
            ends[partition] = broker.partitions[Int(partition)].end
        }
        believed = Dictionary(uniqueKeysWithValues: starts.map { ($0.partition, $0) })
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
            producer = ModelBroker.Producer()
            machine.producerOpened()
        case .load(let partitions):
            if mutant == .progressNotReadAgain {
                machine.loaded(partitions.compactMap { believed[$0] })
            } else if let starts = load(partitions) {
                for partition in partitions { buffer[partition] = nil }
                machine.loaded(starts)
            }
        case .begin: machine.began()
        case .fetch: try fetch(&faults)
        case .commit(let commit): try report(&faults) { try self.commit(commit, &$0) }
        case .abort:
            buffer = [:]
            if run.delivery == .exactlyOnce {
                try report(&faults) { faults in
                    try faults.point()
                    try self.broker.abortTransaction(of: self.producer)
                    self.machine.aborted()
                }
            } else {
                machine.aborted()
            }
        case .released:
            buffer = [:]
            isReleasing = false
            if renewal == .releasing {
                renewal = .loading
                return
            }
            broker.group.rejoin(member, now: broker.now)
        case .finished:
            broker.group.leave(member, now: broker.now)
            state = .finished
        case .failed(let failure):
            if run.delivery == .exactlyOnce { try? broker.abortTransaction(of: producer) }
            broker.group.leave(member, now: broker.now)
            state = .failed(failure)
        }
    }

    /// Offset first, then progress, then the log's ends; nil while something is not stable yet.
    private func load(_ partitions: [Int32]) -> [PartitionStart]? {
        var starts: [PartitionStart] = []
        for partition in partitions {
            guard let committed = broker.stableOffset(of: partition),
                let image = try? broker.stableProgress(of: machine.owner(of: partition))
            else { return nil }
            let log = broker.partitions[Int(partition)]
            let facts = PartitionFacts(
                owner: machine.owner(of: partition), committed: committed.map { ($0.offset, $0.metadata) },
                image: image, logStart: log.logStart, highWatermark: log.end)
            guard let start = try? facts.reconcile(acceptReset: false) else {
                state = .failed(.tooManyAborts("progress refused"))
                return nil
            }
            starts.append(start)
        }
        return starts
    }

    private func fetch(_ faults: inout Faults) throws {
        for (partition, position) in machine.positions.sorted(by: { $0.key < $1.key }) {
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
                if machine.isFull { return }
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
        let verdict = run.verdict(record, partition: partition, refused: machine.unpublishable)
        let admission = machine.admit(
            partition: partition, offset: record.offset, verdict: verdict, bytes: 10, now: broker.now)
        guard admission == .publish else { return }
        var isParked = false
        if case .park = verdict { isParked = true }
        if mutant == .progressNotReadAgain { believed[partition]?.done.insert(record.offset..<record.offset + 1) }
        if mutant == .commitBeforePublish, case .commit(let commit) = commitNow() {
            broker.force(commit)
        }
        try report(&faults) { faults in
            try faults.point()
            try self.broker.publish(
                record, from: partition, run: self.run.name, parked: isParked, by: self.transactionalProducer)
        }
        if run.isRefused(record, parked: isParked) {
            machine.refused(.init(partition: partition, offset: record.offset, byParking: isParked))
        }
    }

    private func commitNow() -> LaneStep {
        var copy = machine
        copy.release()
        return copy.next(now: broker.now)
    }

    private var transactionalProducer: ModelBroker.Producer? {
        run.delivery == .exactlyOnce ? producer : nil
    }

    private func commit(_ commit: RedriveCommit, _ faults: inout Faults) throws {
        let captured = mutant == .metadataAtCommit ? broker.group.current(of: member) : metadata[commit.epoch]
        guard let captured else { throw ModelBroker.Refusal.illegalGeneration }
        for record in commit.progress {
            try faults.point()
            try broker.publish(record, by: transactionalProducer)
        }
        try faults.point()
        if run.delivery == .exactlyOnce {
            try broker.sendOffsets(commit, as: captured, by: producer)
            try faults.point()
            try broker.commitTransaction(of: producer)
        } else {
            try broker.commitOffsets(commit, as: captured)
        }
        try faults.crashPoint()
        machine.committed(commit)
    }

    private func report(_ faults: inout Faults, _ body: (inout Faults) throws -> Void) throws {
        do {
            try body(&faults)
        } catch ModelBroker.Refusal.fenced, Faults.Injected.fatal {
            producer.isFenced = true
            machine.transactionFailed(.fatal("fenced"), now: broker.now)
        } catch ModelBroker.Refusal.illegalGeneration {
            machine.transactionFailed(.generationFenced, now: broker.now)
        } catch Faults.Injected.abortable {
            machine.transactionFailed(.abortable("injected"), now: broker.now)
        }
    }
}

extension ModelGroup {
    /// What a driver gets that asks only when it commits.
    func current(of member: Member) -> Metadata? {
        members.contains { $0 === member } ? Metadata(member: member.id, generation: generation) : nil
    }
}
