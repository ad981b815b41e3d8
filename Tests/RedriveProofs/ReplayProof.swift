import Glibc
import RedriveSimulation
package import TestSupport

/// Ends copies of one replay again and again, half of them by SIGKILL and half by SIGTERM, and lets the last one finish:
/// the destination must hold every event once.
package final class ReplayProof {
    /// What came of it.
    package struct Report: Sendable, CustomStringConvertible {
        package var kills = 0
        package var terms = 0
        package var lost = 0
        package var twice = 0
        package var disordered = 0
        package var altered = 0
        /// Records of transactions that were aborted.
        package var aborted = 0
        package var records = 0
        package var settled = false
        package var failures: [String] = []
        package var seconds = 0.0

        package var isClean: Bool {
            settled && failures.isEmpty && lost == 0 && twice == 0 && disordered == 0 && altered == 0
        }

        package var description: String {
            "\(records) events, \(kills) times SIGKILL, \(terms) times SIGTERM in \(Int(seconds)) s: \(lost) lost, "
                + "\(twice) twice, \(disordered) out of order, \(altered) altered; \(aborted) of aborted transactions"
                + (settled ? "" : "; the destination never became stable")
                + failures.map { "\n\($0)" }.joined()
        }
    }

    private let kafka: ScratchKafka
    private let topics: RedriveTopics
    private let watch: DestinationWatch
    private let runs: String
    private let stops: Int
    private let records: Int
    private let tell: @Sendable (String) -> Void
    private var random: SplitMix64
    private var report = Report()

    /// Makes and fills the topics.
    ///
    /// - Parameters:
    ///   - stops: how many copies are ended before the end.
    ///   - tell: told in a line how it goes.
    package init(
        _ kafka: ScratchKafka, stops: Int, records: Int, partitions: Int = 6, seed: UInt64 = 1,
        tell: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws {
        self.kafka = kafka
        self.stops = stops
        self.tell = tell
        random = SplitMix64(seed: seed)
        topics = RedriveTopics("replays", partitions: partitions)
        try await topics.create(on: kafka)
        runs = "\(topics.source).runs"
        try await kafka.createTopic(named: runs, partitions: 1, settings: ["cleanup.policy": "compact"])
        let each = records / partitions
        self.records = each * partitions
        try await Seeder(kafka.bootstrapServers).fill(topics.source, partitions: 0..<partitions, records: 0..<each)
        watch = try DestinationWatch(kafka, topics, recordsPerPartition: each, retries: nil)
    }

    /// Does it all.
    package func run() async throws -> Report {
        let started = monotonicSeconds()
        while report.kills + report.terms < stops {
            let before = watch.attempts(\.attempts)
            // So fast that it is hard work, so slow that events are left for the last one.
            let left = stops - report.kills - report.terms
            let rate = max(100, (records - watch.delivered) / left)
            let copy = try start(rate: rate)
            let hasBegun = await eventually(deadline: 90) {
                watch.attempts(\.attempts) > before || !copy.isRunning
            }
            let end = monotonicSeconds() + Double.random(in: 0..<1.2, using: &random)
            _ = await eventually(deadline: 3) { monotonicSeconds() >= end || !copy.isRunning }
            let isKill = (report.kills + report.terms) % 2 == 0
            let wasRunning = copy.isRunning
            copy.signal(isKill ? SIGKILL : SIGTERM)
            let result = try await copy.wait(deadline: 70)
            guard wasRunning else {
                if result.exitCode != 0 { report.failures.append(result.account) }
                break
            }
            if !hasBegun { report.failures.append("nothing was published in 90 s: \(result.account)") }
            if isKill {
                report.kills += 1
            } else {
                report.terms += 1
                if result.exitCode != 143 && result.exitCode != 0 { report.failures.append(result.account) }
            }
            tell("\(report.kills) killed, \(report.terms) stopped, \(watch.delivered) of \(records) delivered")
        }
        let last = try await start(rate: nil).wait(deadline: 180)
        if last.exitCode != 0 { report.failures.append(last.account) }
        report.settled = await watch.settle(deadline: 90)
        let ledger = watch.ledger
        report.records = records
        report.lost = ledger.missing().count
        (report.twice, report.disordered, report.altered) = (ledger.twice, ledger.disordered, ledger.altered)
        report.failures += ledger.faults
        report.aborted = watch.attempts(\.attempts) - ledger.delivered
        report.seconds = monotonicSeconds() - started
        return report
    }

    private func start(rate: Int?) throws -> ChildProcess {
        try ChildProcess([
            try ProcessRunner.builtBinary("replay"), "-b", kafka.bootstrapServers, "--topic", topics.source, "--to",
            topics.destination, "--progress-topic", topics.progress, "--runs-topic", runs, "--run", topics.source,
            "--rate", rate.map(String.init) ?? "max", "--no-decode", "--yes", "--output", "json",
        ])
    }
}
