import Glibc
import Redrive
import RedriveSimulation

/// Runs random schedules of the redrive engine: `simulate-redrive FIRST-SEED SECONDS [MAXIMUM]`, or one seed again:
/// `simulate-redrive SEED`.
@main
struct Main {
    static func main() {
        let arguments = CommandLine.arguments.dropFirst().compactMap { UInt64($0) }
        guard let first = arguments.first else {
            print("usage: simulate-redrive SEED | FIRST-SEED SECONDS [MAXIMUM]")
            return
        }
        let seconds = arguments.count > 1 ? arguments[1] : 0
        let maximum = arguments.count > 2 ? arguments[2] : UInt64.max
        let clock = ContinuousClock()
        let start = clock.now
        var total = Schedule.Coverage()
        var seed = first
        repeat {
            for delivery in Delivery.allCases {
                var schedule = Schedule(seed: seed, delivery: delivery)
                do {
                    let coverage = try schedule.run()
                    total.crashes += coverage.crashes
                    total.published += coverage.published
                    total.gone += coverage.gone
                } catch {
                    print("\(delivery.rawValue): \(error); run it again with: simulate-redrive \(seed)")
                    exit(1)
                }
            }
            seed += 1
        } while clock.now - start < .seconds(Int64(seconds)) && seed - first < maximum
        print(
            "\(seed - first) schedules, each in both deliveries: \(total.published) records published, "
                + "\(total.crashes) crashes, \(total.gone) records overtaken by retention; none lost, none twice")
    }
}
