import Redrive
import RedriveSimulation
import Testing

@Suite struct SimulationTests {
    @Test(arguments: Delivery.allCases)
    func randomSchedulesLoseAndRepeatNothing(delivery: Delivery) throws {
        var coverage = Schedule.Coverage()
        for seed in UInt64(1)...300 {
            var schedule = Schedule(seed: seed, delivery: delivery)
            coverage.add(try schedule.run())
        }
        // A simulation in which nothing happens would prove nothing.
        #expect(coverage.crashes > 300)
        #expect(coverage.published > 10_000)
        #expect(coverage.gone > 100)
        #expect(coverage.rebalances > 1_000)
        #expect(coverage.errors > 300)
        #expect(coverage.retries > 200)
        #expect(coverage.refusedBatches > 400)
        #expect(coverage.tallies > 400)
    }

    @Test(arguments: Mutant.allCases)
    func findsTheFault(mutant: Mutant) {
        let found = (UInt64(1)...3_000).contains { seed in
            var schedule = Schedule(seed: seed, mutant: mutant, delivery: mutant.delivery)
            return (try? schedule.run()) == nil
        }
        #expect(found, "no schedule shows what \(mutant) breaks")
    }
}
