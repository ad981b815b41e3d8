import Events
import Postgres
import RedriveSimulation

@testable import gamification_server

/// Two servers on one group, records arriving, everything failing now and then, and what must hold in the end.
struct SagaSimulation {
    private var world: SagaWorld
    private var instances: [SagaInstance]
    private var now: Int64 = 1
    private var arrived: [SagaRecord.Content] = []
    private var nextID: UInt64 = 1
    private(set) var tally = SagaTally()

    init(seed: UInt64, mutant: SagaMutant? = nil) {
        world = SagaWorld(seed: seed, mutant: mutant, origin: 4, replay: 2)
        instances = [SagaInstance(0, now: 1), SagaInstance(1, now: 1)]
        for partition in world.owners.indices { world.owners[partition] = partition % 2 }
    }

    /// Runs a schedule.
    /// - Returns: the broken promises.
    mutating func run() -> [String] {
        for index in instances.indices { instances[index].rebalance(world) }
        for _ in 0..<Int.random(in: 300...900, using: &world.random) {
            disturb()
            if world.random.oneIn(3) { arrive() }
            let index = Int.random(in: 0..<instances.count, using: &world.random)
            step(index)
        }
        settle()
        return world.violations + check()
    }

    private mutating func step(_ index: Int) {
        let started = instances[index].now
        if !instances[index].step(&world) { instances[index].now += 50_000_000 }
        now = max(now, started)
    }

    private mutating func disturb() {
        for dependency in SagaWorld.Dependency.allCases {
            let isDown = world.down.contains(dependency)
            if world.random.oneIn(isDown ? 30 : 250) {
                if isDown { world.down.remove(dependency) } else { world.down.insert(dependency) }
            }
        }
        if world.random.oneIn(60) { crash(Int.random(in: 0..<instances.count, using: &world.random)) }
        if world.random.oneIn(60) {
            let partition = Int.random(in: world.owners.indices, using: &world.random)
            world.owners[partition] = 1 - world.owners[partition]
        }
        if world.random.oneIn(80) { world.redrive() }
        if world.random.oneIn(200) { loseRedis() }
        if world.random.oneIn(50), !world.down.contains(.durable) { world.repairBoards() }
    }

    /// The durable Redis comes back empty: its boards are filled again, all of them.
    private mutating func loseRedis() {
        world.board = [:]
        world.marks = []
        world.repairs.formUnion(world.rows.keys.map(\.merchant))
    }

    private mutating func crash(_ index: Int) {
        add(instances[index].machine.tally)
        instances[index] = SagaInstance(instances[index].number, now: instances[index].now)
        instances[index].rebalance(world)
    }

    private mutating func add(_ other: SagaTally) {
        tally.counted += other.counted
        tally.repeated += other.repeated
        tally.awards += other.awards
        tally.buried += other.buried
        tally.retried += other.retried
        tally.pauses += other.pauses
        tally.foreign += other.foreign
    }

    private mutating func arrive() {
        let owner = SagaWorld.customer(Int.random(in: 0..<12, using: &world.random))
        let content: SagaRecord.Content
        let event = PointsEvent(
            id: PostgresUUID(high: 1, low: nextID), owner: owner,
            points: Int64.random(in: 1...100, using: &world.random), time: 1_700_000_000_000)
        nextID += 1
        var partition = Int(owner.customer.low) % world.originPartitions
        switch Int.random(in: 0..<40, using: &world.random) {
        case 0: content = .poison(SagaFailure(.avroMalformed, "no framing"))
        case 1: content = .outdated(event)
        case 2...4:
            content = .update(id: event.id, owner: owner)
            world.stale.insert(owner)
        case 5:
            content = .foreign
            partition = world.originPartitions
        case 6...8:
            // The same event once more, often in the same wave.
            let again = world.random.oneIn(2) ? arrived.last : arrived.randomElement(using: &world.random)
            content = again ?? .points(event)
            if case .points(let event) = content { partition = Int(event.owner.customer.low) % world.originPartitions }
        case 9 where world.random.oneIn(8):
            // A producer gone wrong.
            for _ in 0..<20 { append(.poison(SagaFailure(.avroMalformed, "no framing")), to: partition) }
            return
        default: content = .points(event)
        }
        append(content, to: partition)
    }

    private mutating func append(_ content: SagaRecord.Content, to partition: Int) {
        world.partitions[partition].append(SagaWorld.Stored(content: content, origin: arrived.count))
        arrived.append(content)
    }

    /// Everything is well again: all is worked off, dead letters too, until nothing is left.
    private mutating func settle() {
        world.down = []
        world.calm = true
        for _ in 0..<12 {
            var steps = 0
            while steps < 60_000 {
                for index in instances.indices {
                    instances[index].rebalance(world)
                    step(index)
                }
                steps += 1
                if instances.allSatisfy({ $0.isDone(world) }) { break }
            }
            if steps == 60_000 { world.violations.append("the work never ends") }
            if world.deadLetters.isEmpty { break }
            world.redrive()
        }
        world.repairBoards()
        for index in instances.indices { add(instances[index].machine.tally) }
    }
}

extension SagaSimulation {
    private func check() -> [String] {
        var found: [String] = []
        let parked = Set(world.parked.map(\.stored.origin))
        for (partition, records) in world.partitions.enumerated() where world.committed[partition] != records.count {
            found.append("partition \(partition) was not committed to its end")
        }
        for (origin, content) in arrived.enumerated() {
            switch content {
            case .points(let event):
                let isCounted = world.ledger[event.id] == event
                if !isCounted, !parked.contains(origin) { found.append("event \(event.id.low) was lost") }
            case .poison where !parked.contains(origin): found.append("a poisoned record was lost")
            case .update(_, let owner) where world.stale.contains(owner) && !parked.contains(origin):
                found.append("an update was lost")
            default: break
            }
        }
        for (stored, failure) in world.parked {
            guard case .points(let event) = stored.content, world.ledger[event.id] == nil else { continue }
            // It had its four attempts at being booked, or can never be.
            let total = world.rows[event.owner]?.points ?? 0
            if failure.code == .eventInvalid, total + event.points <= SagaWorld.limit {
                found.append("event \(event.id.low) was refused and fits")
            }
        }
        return found + checkCustomers()
    }

    private func checkCustomers() -> [String] {
        var found: [String] = []
        var sums: [CustomerKey: (points: Int64, events: Int64)] = [:]
        for event in world.ledger.values {
            sums[event.owner, default: (0, 0)].points += event.points
            sums[event.owner, default: (0, 0)].events += 1
        }
        for (owner, row) in world.rows {
            let name = "customer \(owner.customer.low)"
            if sums[owner]?.points != row.points || sums[owner]?.events != row.events {
                found.append("\(name) has \(row.points) points, the ledger \(sums[owner]?.points ?? 0)")
            }
            if world.board[owner]?.points != row.points { found.append("\(name)'s board entry is not their total") }
            guard !SagaWorld.strangers.contains(owner) else { continue }
            for rule in SagaWorld.badges.rules(for: owner.merchant) where rule.badge != "ghost" {
                // What came back from the dead-letter topic too often waits on the parked one for an operator.
                let isParked = world.parked.contains {
                    if case .points(let event) = $0.stored.content { event.owner == owner } else { false }
                }
                if world.isMet(rule, row), world.awards[owner]?.contains(rule.badge) != true, !isParked {
                    found.append("\(name) lacks \(rule.badge)")
                }
            }
        }
        return found
    }
}
