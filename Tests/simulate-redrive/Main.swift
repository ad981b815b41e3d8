import Glibc
import Redrive
import RedriveSimulation

/// Runs random schedules of the redrive engine on all cores: `simulate-redrive FIRST-SEED SECONDS [MAXIMUM]`, or one
/// seed again: `simulate-redrive SEED`.
@main
struct Main {
    static func main() async {
        let arguments = CommandLine.arguments.dropFirst().compactMap { UInt64($0) }
        guard let first = arguments.first else {
            print("usage: simulate-redrive SEED | FIRST-SEED SECONDS [MAXIMUM]")
            return
        }
        let seeds = SeedQueue(
            first: first, seconds: arguments.count > 1 ? arguments[1] : nil,
            maximum: arguments.count > 2 ? arguments[2] : .max)
        let workers = arguments.count > 1 ? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) : 1
        let results = await withTaskGroup(of: SeedWorker.self) { group in
            for _ in 0..<workers {
                group.addTask {
                    var worker = SeedWorker()
                    worker.run(seeds)
                    return worker
                }
            }
            var results: [SeedWorker] = []
            for await result in group { results.append(result) }
            return results
        }
        let failures = results.compactMap(\.failure)
        for failure in failures { print(failure) }
        if !failures.isEmpty { exit(1) }
        report(results.reduce(into: SeedWorker()) { $0.add($1) }, threads: workers)
    }

    private static func report(_ all: SeedWorker, threads: Int) {
        let coverage = all.coverage
        print(
            """
            \(all.seeds) seeds on \(threads) threads, each as two schedules, exactly-once and at-least-once: \
            \(all.seeds * 2) schedules
            A schedule: 1 to 5 partitions, 1 to 4 runs of 1 to 3 copies under faults (in three schedules of four), then \
            a run without faults that must end, then the count.
            \(coverage.published) records published, \(coverage.crashes) crashes, \(coverage.rebalances) rebalances, \
            \(coverage.errors) errors injected, \(coverage.retries) calls timed out, \(coverage.refusedBatches) batches \
            refused, \(coverage.gone) records overtaken by retention
            No record lost in any; none published twice, and none out of order, by exactly-once; by at-least-once no more \
            often than there were kills and troubles. \(coverage.tallies) tallies compared with what the broker held.
            """)
    }
}
