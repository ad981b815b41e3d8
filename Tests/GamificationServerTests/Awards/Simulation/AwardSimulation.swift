@testable import gamification_server
import RedriveSimulation

/// Two instances, callers that try again until they have an answer, a cache that forgets, crashes, and sweepers: one random
/// schedule a seed.
enum AwardSimulation {
    /// What was promised and broken; empty if all was kept.
    ///
    /// - Parameter faults: percent of what is asked that fails; 0 also rules out crashes.
    static func run(seed: UInt64, mutant: AwardMutant? = nil, faults: Int) -> [String] {
        let world = AwardWorld(seed: seed)
        let instances = (0..<2).map { _ in AwardInstance(world, mutant: mutant, faults: faults) }
        let awards = world.badges * world.customers
        // Several callers for every award, each on an instance of its own choice.
        var open = (0..<awards * 3).map { $0 % awards }.shuffled(using: &world.random)
        // Without faults nothing takes so long that a sweeper is needed.
        let age = faults == 0 ? 10_000 : 60
        for _ in 0..<600 {
            world.step += 1
            let instance = instances[Int.random(in: 0..<2, using: &world.random)]
            if let key = open.last, world.chance(25) {
                open.removeLast()
                ask(instance, key) { if faults > 0 { open.insert(key, at: 0) } }
            }
            if faults > 0, world.chance(1) { instance.crash() }
            if world.chance(1) { world.loseCache() }
            if world.chance(5) { instance.beginSweep(olderThan: age) }
            instance.advance()
        }
        settle(world, instances)
        world.checkEnd(withoutFaults: faults == 0)
        return world.violations
    }

    private static func ask(_ instance: AwardInstance, _ key: Int, again: @escaping () -> Void) {
        instance.award(key) { result in
            if case .failed(let failure) = result, failure != .unknownCustomer, failure != .unknownBadge { again() }
        }
    }

    /// Everything comes to rest, and every award is asked for once more; then the sweepers have their time.
    private static func settle(_ world: AwardWorld, _ instances: [AwardInstance]) {
        for instance in instances { instance.faults = 0 }
        for key in 0..<world.badges * world.customers { instances[key % 2].award(key) { _ in } }
        for round in 0..<200 {
            world.step += 1
            for instance in instances {
                if round > 60 { instance.beginSweep(olderThan: 60) }
                for _ in 0..<8 { instance.advance() }
            }
        }
    }
}
