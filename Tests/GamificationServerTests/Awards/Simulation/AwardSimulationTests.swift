@testable import gamification_server
import Testing

@Suite("Awards under every fault, simulated")
struct AwardSimulationTests {
    @Test("Awarded once, under one id, published, nothing answered and lost: 1,000 schedules with faults and crashes")
    func faults() {
        for seed in 1...1_000 as ClosedRange<UInt64> {
            let violations = AwardSimulation.run(seed: seed, faults: 15)
            #expect(violations.isEmpty, "seed \(seed): \(violations)")
            if !violations.isEmpty { return }
        }
    }

    @Test("Without faults every event is published once and every award told AWARDED once: 500 schedules")
    func noFaults() {
        for seed in 1...500 as ClosedRange<UInt64> {
            let violations = AwardSimulation.run(seed: seed, faults: 0)
            #expect(violations.isEmpty, "seed \(seed): \(violations)")
            if !violations.isEmpty { return }
        }
    }

    @Test("Every known mistake is found", arguments: AwardMutant.allCases)
    func mutants(_ mutant: AwardMutant) {
        let isFound = (1...400 as ClosedRange<UInt64>).contains { seed in
            !AwardSimulation.run(seed: seed, mutant: mutant, faults: seed % 2 == 0 ? 15 : 0).isEmpty
        }
        #expect(isFound, "\(mutant.rawValue) went unnoticed")
    }
}
