import Foundation
import Testing

@testable import gamification_server

@Suite("Saga under simulation")
struct SagaSimulationTests {
    /// Seeds a run; SAGA_SEEDS asks for more.
    private static let seeds = ProcessInfo.processInfo.environment["SAGA_SEEDS"].flatMap { Int($0) } ?? 300

    @Test("Counted once, awarded once, nothing lost, whatever fails and whenever a server dies")
    func promises() {
        var tally = SagaTally()
        for seed in 1...UInt64(Self.seeds) {
            var simulation = SagaSimulation(seed: seed)
            let violations = simulation.run()
            #expect(violations.isEmpty, "seed \(seed): \(violations.prefix(5))")
            if !violations.isEmpty { break }
            tally.repeated += simulation.tally.repeated
            tally.buried += simulation.tally.buried
            tally.retried += simulation.tally.retried
            tally.pauses += simulation.tally.pauses
            tally.awards += simulation.tally.awards
            tally.foreign += simulation.tally.foreign
        }
        // Without these the schedules would have proved little.
        #expect(tally.repeated > 0 && tally.buried > 0 && tally.retried > 0 && tally.pauses > 0 && tally.awards > 0)
        #expect(tally.foreign > 0)
    }

    @Test("Every fault that was put in is found", arguments: SagaMutant.allCases)
    func mutants(mutant: SagaMutant) {
        let isFound = (1...UInt64(400)).contains { seed in
            var simulation = SagaSimulation(seed: seed, mutant: mutant)
            return !simulation.run().isEmpty
        }
        #expect(isFound, "\(mutant) was not found")
    }
}
