import Glibc
import Testing

@testable import cleanup_translations

@Suite("Simulation of the prune")
struct SimulationTests {
    /// SEED is the first schedule, PRUNE_SCHEDULES how many.
    @Test("Seeded schedules of writers, locks, time-outs and crashes: nothing wrong is deleted, and nothing left")
    func schedules() {
        func number(_ name: String, _ standard: UInt64) -> UInt64 {
            getenv(name).flatMap { UInt64(String(cString: $0)) } ?? standard
        }
        let first = number("SEED", 1)
        let count = number("PRUNE_SCHEDULES", 100)
        var crashes = 0
        for seed in first..<(first + count) {
            var prune = SimulatedPrune(seed: seed)
            prune.run()
            crashes += prune.crashes
            #expect(prune.violations.isEmpty, "SEED=\(seed): \(prune.violations.prefix(3))")
            if !prune.violations.isEmpty { return }
        }
        #expect(crashes > Int(count) / 3)
    }
}
