package import Redrive

/// One random schedule: some runs with their filters, copies that come and go, and everything that may go wrong;
/// then one run without faults that drains what is left; then the count.
package struct Schedule {
    /// What was wrong at the end.
    package struct Violation: Error, CustomStringConvertible {
        package let seed: UInt64
        package let text: String
        package var description: String { "seed \(seed): \(text)" }
    }

    /// What a schedule went through, to see that it tries what it should.
    package struct Coverage: Sendable {
        package var crashes = 0
        package var published = 0
        package var gone = 0
        package var rebalances = 0
        /// Refusals of the broker that no protocol rule gave rise to.
        package var errors = 0
        /// Calls that timed out and were repeated.
        package var retries = 0
        /// Batches that were refused for a record in them.
        package var refusedBatches = 0
        /// Tallies compared with what the broker held.
        package var tallies = 0
        package init() {}

        package mutating func add(_ other: Coverage) {
            crashes += other.crashes
            published += other.published
            gone += other.gone
            rebalances += other.rebalances
            errors += other.errors
            retries += other.retries
            refusedBatches += other.refusedBatches
            tallies += other.tallies
        }
    }

    let seed: UInt64
    let mutant: Mutant?
    let delivery: Delivery
    /// The filter of all runs, where they leave nothing behind; nil where each has its own and leaves what it skips.
    private let fixedFilter: (modulus: Int, remainder: Int)?
    private let broker = ModelBroker()
    private var faults: Faults
    private var copies: [SimulatedCopy] = []
    /// Copies of earlier runs.
    private var past: [SimulatedCopy] = []
    private var nextID = 0
    private var nextRun = 0
    private var deleted: Set<Int> = []

    package init(seed: UInt64, mutant: Mutant? = nil, delivery: Delivery = .exactlyOnce) {
        self.seed = seed
        self.mutant = mutant
        self.delivery = delivery
        var random = SplitMix64(seed: seed)
        let rate = [0, 12, 30, 80].randomElement(using: &random) ?? 30
        fixedFilter = random.oneIn(4) ? (modulus: 3, remainder: Int.random(in: 0..<3, using: &random)) : nil
        faults = Faults(random: random, rate: rate)
    }

    /// Runs the schedule; throws a `Violation` where a record was lost or published twice.
    package mutating func run() throws -> Coverage {
        for _ in 0..<Int.random(in: 1...3, using: &faults.random) { addPartition() }
        var coverage = Coverage()
        for _ in 0..<Int.random(in: 1...4, using: &faults.random) { chaos(&coverage) }
        try drain()
        try check(&coverage)
        return coverage
    }

    private mutating func addPartition() {
        broker.partitions.append(ModelBroker.SourcePartition())
        broker.group.partitionCount = broker.partitions.count
        append(to: broker.partitions.count - 1, count: Int.random(in: 0...30, using: &faults.random))
    }

    private mutating func append(to index: Int, count: Int) {
        for _ in 0..<count {
            // A marker or a compacted record leaves a gap; some gaps are wider than a chunk.
            if faults.random.oneIn(6) { broker.partitions[index].end += Int64.random(in: 1...3, using: &faults.random) }
            if faults.random.oneIn(60) { broker.partitions[index].end += 70_000 }
            broker.partitions[index].records.append(.init(id: nextID, offset: broker.partitions[index].end))
            broker.partitions[index].end += 1
            nextID += 1
        }
        if faults.random.oneIn(3) { broker.partitions[index].end += 1 }
    }

    /// One run under faults.
    private mutating func chaos(_ coverage: inout Coverage) {
        nextRun += 1
        let modulus = Int.random(in: 1...3, using: &faults.random)
        let filter = (modulus: modulus, remainder: Int.random(in: 0..<modulus, using: &faults.random))
        var run = SimulatedRun(
            name: "r\(nextRun)", delivery: delivery, filter: fixedFilter ?? filter,
            limit: faults.random.oneIn(5) ? Int64.random(in: 1...9, using: &faults.random) : nil,
            batch: Int.random(in: 1...12, using: &faults.random), leavesNothing: fixedFilter != nil)
        if faults.random.oneIn(6) { run.maximumParked = Int64.random(in: 0...2, using: &faults.random) }
        // At-least-once, a limit and a bound need to be the only member.
        let isAlone = run.limit != nil || run.maximumParked != nil || delivery == .atLeastOnce
        let copyCount = isAlone ? 1 : Int.random(in: 1...3, using: &faults.random)
        start(run, copyCount)
        for _ in 0..<Int.random(in: 20...160, using: &faults.random) {
            disturb(run, copyCount, &coverage)
            step()
        }
        for copy in copies {
            if copy.state == .running { coverage.crashes += 1 }
            copy.crash()
        }
        past += copies
        copies = []
        settle()
        if faults.random.oneIn(4) { broker.forgetOffsets() }
    }

    private mutating func start(_ run: SimulatedRun, _ count: Int) {
        while copies.count(where: { $0.state == .running }) < count {
            copies.append(SimulatedCopy(run: run, copy: copies.count, broker: broker, mutant: mutant))
        }
    }

    private mutating func step() {
        broker.advance(by: UInt64.random(in: 0...300_000_000, using: &faults.random))
        if faults.oneIn(40) { broker.advance(by: 12_000_000_000) }
        for index in copies.indices.shuffled(using: &faults.random) {
            if !faults.oneIn(4) { copies[index].heartbeat() }
            if !faults.oneIn(4) { copies[index].step(&faults) }
        }
    }

    private mutating func disturb(_ run: SimulatedRun, _ count: Int, _ coverage: inout Coverage) {
        guard faults.rate > 0 else { return }
        if faults.oneIn(25), let victim = copies.randomElement(using: &faults.random) {
            victim.crash()
            coverage.crashes += 1
        }
        if faults.oneIn(8) { start(run, count) }
        if faults.oneIn(30) { broker.group.rebalance(now: broker.now) }
        if faults.oneIn(60), broker.partitions.count < 5 { addPartition() }
        let index = Int.random(in: broker.partitions.indices, using: &faults.random)
        if faults.oneIn(15) { append(to: index, count: Int.random(in: 1...5, using: &faults.random)) }
        if faults.oneIn(300) { retain(index) }
        if faults.oneIn(60) { copies.randomElement(using: &faults.random)?.stop() }
        if faults.oneIn(40) { copies.randomElement(using: &faults.random)?.togglePause() }
    }

    /// Retention deletes the oldest records, done or not.
    private mutating func retain(_ index: Int) {
        let log = broker.partitions[index]
        guard log.end > log.logStart else { return }
        let start = Int64.random(in: log.logStart...log.end, using: &faults.random)
        deleted.formUnion(log.records.filter { $0.offset < start }.map(\.id))
        broker.partitions[index].records.removeAll { $0.offset < start }
        broker.partitions[index].logStart = start
    }

    /// Sessions and transactions of the dead run out.
    private mutating func settle() {
        broker.advance(by: 11_000_000_000)
        broker.advance(by: 11_000_000_000)
    }

    /// One run, no filter, no faults.
    private mutating func drain() throws {
        faults.rate = 0
        settle()
        let run = SimulatedRun(
            name: "last", delivery: delivery, filter: fixedFilter, limit: nil, batch: 5,
            leavesNothing: fixedFilter != nil)
        start(run, 1)
        for _ in 0..<3_000 where copies.contains(where: { $0.state == .running }) {
            broker.advance(by: 100_000_000)
            for copy in copies {
                copy.heartbeat()
                copy.step(&faults)
            }
        }
        guard copies.allSatisfy({ $0.state == .finished }) else {
            throw Violation(seed: seed, text: "the last run did not finish: \(copies.map(\.state))")
        }
    }

    private func check(_ coverage: inout Coverage) throws {
        let published = broker.destination.filter(\.isCommitted)
        var counts: [Int: Int] = [:]
        for record in published { counts[record.id, default: 0] += 1 }
        let limit = delivery == .exactlyOnce ? 1 : 1 + (past + copies).map(\.mayRepeat).reduce(0, +)
        for id in 0..<nextID {
            let count = counts[id] ?? 0
            if count > limit { throw Violation(seed: seed, text: "record \(id) was published \(count) times") }
            if count == 0, !deleted.contains(id), isPublishable(id) {
                throw Violation(seed: seed, text: "record \(id) was lost")
            }
        }
        if delivery == .exactlyOnce { try checkOrder(published) }
        for copy in past + copies where copy.isAccountable {
            if let miscount = copy.miscount { throw Violation(seed: seed, text: "\(copy.sender) \(miscount)") }
            coverage.tallies += 1
        }
        coverage.published += published.count
        coverage.gone += deleted.count
        coverage.rebalances += broker.group.generation
        coverage.errors += faults.injected
        coverage.retries += faults.retriable
        coverage.refusedBatches += broker.refusedBatches
    }

    /// Whether the record must be published by the end.
    private func isPublishable(_ id: Int) -> Bool {
        guard let fixedFilter else { return !Objection.isUnpublishable(id) }
        // There it is not parked: what its destination does not take is dropped.
        return id % fixedFilter.modulus == fixedFilter.remainder && !Objection.isTooLarge(id, parked: false)
            && !Objection.isInvalid(id, parked: false)
    }

    /// Records of one source partition, dealt with by one run, stand at the destination in source order.
    private func checkOrder(_ published: [ModelBroker.Published]) throws {
        var last: [String: Int64] = [:]
        for record in published {
            let lane = "\(record.sender.run)/\(record.partition)/\(record.parked)"
            if let previous = last[lane], previous >= record.offset {
                throw Violation(seed: seed, text: "run \(record.sender.run) reordered partition \(record.partition)")
            }
            last[lane] = record.offset
        }
    }
}
