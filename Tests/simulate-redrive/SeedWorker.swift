import Redrive
import RedriveSimulation

/// What one thread ran.
struct SeedWorker: Sendable {
    private(set) var seeds = 0
    private(set) var coverage = Schedule.Coverage()
    private(set) var failure: String?

    /// Runs seeds until there are no more.
    mutating func run(_ queue: SeedQueue) {
        while failure == nil, let seed = queue.next() {
            for delivery in Delivery.allCases { run(seed, delivery) }
            seeds += 1
        }
        if failure != nil { queue.stop() }
    }

    private mutating func run(_ seed: UInt64, _ delivery: Delivery) {
        var schedule = Schedule(seed: seed, delivery: delivery)
        do {
            coverage.add(try schedule.run())
        } catch {
            failure = "\(delivery.rawValue): \(error); run it again with: simulate-redrive \(seed)"
        }
    }

    mutating func add(_ other: SeedWorker) {
        seeds += other.seeds
        coverage.add(other.coverage)
    }
}
