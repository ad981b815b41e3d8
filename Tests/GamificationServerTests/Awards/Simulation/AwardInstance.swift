@testable import gamification_server
import Postgres

/// One server: the machines of its calls, and what they wait for, which a schedule lets happen, fail or be late.
final class AwardInstance {
    /// Something that was asked of a dependency and has not been answered.
    private struct Effect {
        let call: Int
        let step: AwardMachine.Steps
        /// What was asked has been done, and only the word of it is on its way.
        var isDone = false
        var event: AwardMachine.Event?
    }

    private struct Call {
        let key: Int
        let id: PostgresUUID
        var machine: AwardMachine
        let whenAnswered: (AwardResult) -> Void
    }

    /// A sweep under way: what it has locked, and what Kafka has acknowledged of that.
    private struct Sweep {
        var left: [Int]
        let all: [Int]
        var done: [Int] = []
    }

    private let world: AwardWorld
    private let mutant: AwardMutant?
    /// Percent of what is asked that goes wrong.
    var faults: Int
    private var calls: [Int: Call] = [:]
    private var effects: [Effect] = []
    private var sweep: Sweep?
    private var lastCall = 0

    init(_ world: AwardWorld, mutant: AwardMutant?, faults: Int) {
        self.world = world
        self.mutant = mutant
        self.faults = faults
    }

    var isIdle: Bool { effects.isEmpty && sweep == nil }

    func award(_ key: Int, _ whenAnswered: @escaping (AwardResult) -> Void) {
        lastCall += 1
        // A real id is made of what the award is: the same on every instance.
        let id = PostgresUUID(high: 1, low: UInt64(key))
        var call = Call(key: key, id: id, machine: AwardMachine(locale: "en"), whenAnswered: whenAnswered)
        let steps = call.machine.begin(isReady: true)
        calls[lastCall] = call
        carryOut(steps, lastCall)
    }

    /// The process ends: what was sent may arrive nevertheless.
    func crash() {
        for effect in effects where !effect.isDone && world.chance(50) { _ = perform(effect) }
        effects = []
        calls = [:]
        if let sweep { world.unlock(sweep.all) }
        sweep = nil
    }

    /// One thing happens.
    func advance() {
        if sweep != nil, world.chance(30) || effects.isEmpty { return advanceSweep() }
        guard let index = effects.indices.randomElement(using: &world.random) else { return }
        let effect = effects.remove(at: index)
        if let event = effect.event { return tell(event, effect.call) }
        if world.chance(faults) { return fail(effect) }
        tell(perform(effect), effect.call)
    }

    private func carryOut(_ steps: AwardMachine.Steps, _ number: Int) {
        guard let call = calls[number] else { return }
        let each: [AwardMachine.Steps] = [
            .readCache, .resolveBadge, .askCustomer, .insertRow, .publish, .markPublished, .storeCache,
        ]
        for step in each where steps.contains(step) { effects.append(Effect(call: number, step: step)) }
        let guess = Award(eventID: call.id, locale: "en", awardedAt: Int64(world.step))
        if steps.contains(.insertRow) {
            if mutant == .answersBeforeRow { world.answered(call.key, .awarded(guess)) }
            if mutant == .cachesBeforeRow { world.store(call.key, guess) }
        }
        if steps.contains(.answer), let result = call.machine.result {
            world.answered(call.key, result)
            call.whenAnswered(result)
        }
        if call.machine.isOver, !effects.contains(where: { $0.call == number }) { calls[number] = nil }
    }

    private func tell(_ event: AwardMachine.Event?, _ number: Int) {
        guard var event, calls[number] != nil else { return }
        if mutant == .takesLossForWin, case .row(let award, _) = event { event = .row(award, isNew: true) }
        if mutant == .ignoresUnknownCustomer, case .customer(nil) = event { event = .customer(language: "en") }
        var steps = calls[number]?.machine.handle(event) ?? []
        if mutant == .marksWithoutAcknowledgement, case .publishingIsLate = event { steps.insert(.markPublished) }
        if mutant == .loserPublishes, case .row(_, isNew: false) = event { steps.insert(.publish) }
        carryOut(steps, number)
    }

    /// What was asked is done, and that is heard of.
    private func perform(_ effect: Effect) -> AwardMachine.Event? {
        guard let call = calls[effect.call] else { return nil }
        switch effect.step {
        case .readCache:
            let knows = world.isKnownCustomer(call.key) && world.chance(50)
            return .cacheAnswered(award: world.cached(call.key), customer: knows ? "en" : nil)
        case .resolveBadge: return .badge(locale: "en")
        case .askCustomer: return .customer(language: world.isKnownCustomer(call.key) ? "en" : nil)
        case .insertRow:
            let (award, isNew) = world.insert(call.key, id: call.id, overwrite: mutant == .overwritesRow)
            return .row(award, isNew: isNew)
        case .publish:
            world.publish(call.key, id: call.machine.award?.eventID ?? call.id)
            return .acknowledged
        case .markPublished:
            world.mark(call.key)
            return nil
        case .storeCache:
            if let award = call.machine.award { world.store(call.key, award) }
            return .stored
        default: return nil
        }
    }

    /// What was asked fails: before it was done, after it was done, or it is late and still happens.
    private func fail(_ effect: Effect) {
        let number = effect.call
        let wasDone = world.chance(50)
        switch effect.step {
        case .readCache: tell(.cacheAnswered(award: nil, customer: nil), number)
        case .resolveBadge: tell(.badgeUnavailable, number)
        case .askCustomer: tell(.customerUnavailable, number)
        case .insertRow:
            if world.chance(30) {
                // The caller waits no longer; the row may come nevertheless.
                tell(.rowIsLate, number)
                effects.append(effect)
            } else {
                if wasDone { _ = perform(effect) }
                tell(.rowFailed(.unavailable(.postgres)), number)
            }
        case .publish:
            if world.chance(50) {
                tell(.publishingIsLate, number)
                effects.append(effect)
            } else {
                if wasDone { _ = perform(effect) }
                tell(.publishingFailed, number)
            }
        case .markPublished: if wasDone { _ = perform(effect) }
        case .storeCache:
            if wasDone { _ = perform(effect) }
            tell(.stored, number)
        default: break
        }
    }

    // MARK: The sweeper

    func beginSweep(olderThan age: Int) {
        guard sweep == nil, mutant != .noSweeper else { return }
        let keys = world.takeUnpublished(olderThan: age)
        if keys.isEmpty { return }
        if mutant == .sweeperMarksFirst { for key in keys { world.mark(key) } }
        sweep = Sweep(left: keys, all: keys)
    }

    private func advanceSweep() {
        guard var current = sweep else { return }
        if let key = current.left.popLast(), let row = world.rows[key] {
            // An acknowledgement that does not come leaves the row for later, although Kafka may have the record.
            let isLost = world.chance(faults)
            let id = mutant == .sweeperMakesNewIDs ? PostgresUUID(high: 2, low: UInt64(world.step)) : row.award.eventID
            if !isLost || world.chance(50) { world.publish(key, id: id) }
            if !isLost { current.done.append(key) }
            sweep = current
            return
        }
        // The commit, or a connection that breaks before it.
        if !world.chance(faults) { for key in current.done { world.mark(key) } }
        world.unlock(current.all)
        sweep = nil
    }
}
