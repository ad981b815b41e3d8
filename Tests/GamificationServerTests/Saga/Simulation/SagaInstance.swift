import Events
import RedriveSimulation

@testable import gamification_server

/// One server: the machine, and a driver that carries out its actions in the world, with failures.
struct SagaInstance {
    let number: Int
    private(set) var machine: SagaMachine
    /// Lanes by partition, and the partitions' next offset to read.
    private var lanes: [Int: (id: LaneID, next: Int)] = [:]
    private(set) var action: SagaAction?
    var now: Int64

    init(_ number: Int, now: Int64) {
        self.number = number
        self.now = now
        var settings = SagaSettings()
        settings.flood = FloodGuard.Limits(ratio: 0.7, run: 8, window: 40, least: 12)
        machine = SagaMachine(settings, rules: SagaWorld.badges, memory: AwardedMemory(limit: 4))
    }

    /// Follows the group's assignment, as a driver does between two actions.
    mutating func rebalance(_ world: SagaWorld) {
        for (partition, lane) in lanes where world.owners[partition] != number {
            machine.removeLane(lane.id)
            lanes[partition] = nil
        }
        for partition in world.owners.indices where world.owners[partition] == number && lanes[partition] == nil {
            let start = world.committed[partition]
            lanes[partition] = (machine.addLane(at: Int64(start)), start)
        }
    }

    /// One step: takes an action, or carries out the one that was taken. Between the two a crash may come.
    /// - Returns: false where nothing can be done before some later time.
    mutating func step(_ world: inout SagaWorld) -> Bool {
        // Mostly rebalances are noticed between waves; the machine must bear it at any step.
        if world.random.oneIn(40) { rebalance(world) }
        guard let action else {
            let next = machine.next(now: now)
            guard case .wait(let idle, let until) = next else {
                self.action = next
                return true
            }
            rebalance(world)
            return receive(idle, until, &world)
        }
        self.action = nil
        let outcome = perform(action, &world)
        now += Int64.random(in: 0...30_000_000, using: &world.random)
        machine.finish(outcome, now: now, chance: Double.random(in: 0...1, using: &world.random))
        return true
    }

    private mutating func receive(_ idle: [LaneID], _ until: Int64?, _ world: inout SagaWorld) -> Bool {
        var hasReceived = false
        for (partition, lane) in lanes.sorted(by: { $0.key < $1.key }) where idle.contains(lane.id) {
            let end = min(
                world.partitions[partition].count, lane.next + Int.random(in: 1...12, using: &world.random))
            guard end > lane.next else { continue }
            let isAway = world.fails(.registry)
            let records = (lane.next..<end).map { offset -> SagaRecord in
                let stored = world.partitions[partition][offset]
                return SagaRecord(
                    offset: Int64(offset), content: isAway ? .unreadable(.unavailable("registry")) : stored.content,
                    isRedriven: stored.isRedriven)
            }
            lanes[partition]?.next = end
            machine.give(lane.id, records, end: Int64(end))
            if world.mutant == .commitBeforeEffects, world.owners[partition] == number {
                world.committed[partition] = max(world.committed[partition], end)
            }
            hasReceived = true
        }
        if !hasReceived, let until { now = max(now, until) }
        return hasReceived || until != nil
    }

    private func stored(_ item: SagaItem, _ world: SagaWorld) -> SagaWorld.Stored? {
        guard let (partition, _) = lanes.first(where: { $0.value.id == item.lane }),
            let lane = machine.lanes[item.lane], lane.records.indices.contains(item.index)
        else { return nil }
        return world.partitions[partition][Int(lane.records[item.index].offset)]
    }

    private mutating func perform(_ action: SagaAction, _ world: inout SagaWorld) -> SagaOutcome {
        switch action {
        case .wait: return .done
        case .decode(let items):
            let isAway = world.fails(.registry)
            return .decoded(
                items.map { item in
                    let content = isAway ? nil : stored(item, world)?.content
                    return content ?? .unreadable(.unavailable("registry"))
                })
        case .look(let marks):
            return .looked(world.fails(.durable) ? [] : marks.map { world.marks.contains($0.event) })
        case .book(let batch, let notesRepairs): return book(batch, notesRepairs, &world)
        case .setBoards(let entries):
            let isAway = world.fails(.durable)
            for entry in entries where !isAway || world.happensAnyway(.durable) { world.setBoard(entry) }
            return .boardsSet(
                missing: isAway && world.mutant != .repairsForgotten ? Set(entries.map(\.owner.merchant)) : [])
        case .noteRepairs(let merchants):
            if world.fails(.postgres) { return .unavailable }
            world.repairs.formUnion(merchants)
            return .done
        case .unlink(let owners):
            return .unlinked(
                owners.map { owner in
                    if world.fails(.caches) { return world.mutant == .failedUnlinkTakenAsDone }
                    world.stale.remove(owner)
                    return true
                })
        case .award(let wishes):
            return .awarded(
                wishes.map { wish in
                    if world.fails(.users) {
                        if world.happensAnyway(.users) { _ = world.award(wish) }
                        return world.mutant == .failedAwardTakenAsDone ? .awarded : .unavailable
                    }
                    return world.award(wish)
                })
        case .mark(let marks):
            let isAway = world.fails(.durable)
            for mark in marks where !isAway || world.happensAnyway(.durable) { world.mark(mark) }
            return .done
        case .bury(let burials):
            return .buried(
                burials.map { burial in
                    guard let stored = stored(burial.item, world) else { return true }
                    if world.mutant == .deadLettersMarked, let mark = stored.content.mark {
                        world.marks.insert(mark.event)
                    }
                    if world.fails(.kafka) {
                        if world.happensAnyway(.kafka) { world.bury(stored, burial.failure) }
                        return world.mutant == .unacknowledgedBurialTakenAsDone
                    }
                    world.bury(stored, burial.failure)
                    return true
                })
        case .commit(let positions): return commit(positions, &world)
        }
    }

    private func book(_ batch: PointsBatch, _ notesRepairs: Bool, _ world: inout SagaWorld) -> SagaOutcome {
        if world.fails(.postgres) {
            if world.happensAnyway(.postgres) { _ = world.book(batch, notesRepairs: notesRepairs) }
            guard world.mutant == .failedBookingTakenAsDone else { return .unavailable }
            return .booked(Booking(standings: Array(repeating: nil, count: batch.parts.count), counted: 0))
        }
        guard let booking = world.book(batch, notesRepairs: notesRepairs) else { return .refused }
        if world.mutant == .markBeforeAwards { world.marks.formUnion(batch.events.map(\.id)) }
        return .booked(booking)
    }

    private func commit(_ positions: [LanePosition], _ world: inout SagaWorld) -> SagaOutcome {
        // A member that has lost a partition is refused whole.
        for position in positions {
            guard let (partition, _) = lanes.first(where: { $0.value.id == position.lane }),
                world.owners[partition] == number
            else { return .unavailable }
        }
        let fails = world.fails(.kafka)
        if fails, !world.happensAnyway(.kafka) { return .unavailable }
        for position in positions {
            guard let (partition, _) = lanes.first(where: { $0.value.id == position.lane }) else { continue }
            world.committed[partition] = Int(position.offset)
        }
        return fails ? .unavailable : .done
    }

    /// Whether it has nothing in hand, nothing to commit and nothing to read.
    func isDone(_ world: SagaWorld) -> Bool {
        action == nil && machine.isSettled && machine.waiting == 0
            && lanes.allSatisfy { world.partitions[$0.key].count == $0.value.next }
    }
}
