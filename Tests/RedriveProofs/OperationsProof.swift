import Glibc
import Kafka
import RedriveSimulation
import Synchronization
package import TestSupport

/// Kills `apply`, `park`, `unpark`, `discard` and `restore` again and again, each over records of its own, and lets the
/// last start finish: what is published, or in the archive and back in the topic, must be what was there before, once.
package final class OperationsProof {
    /// What came of one command.
    package struct Report: Sendable, CustomStringConvertible {
        package let command: String
        package var kills = 0
        /// Of these, the ones that left a transaction open.
        package var inside = 0
        package var records = 0
        package var lost = 0
        package var twice = 0
        package var altered = 0
        package var failures: [String] = []
        package var seconds = 0.0

        package var isClean: Bool { lost == 0 && twice == 0 && altered == 0 && failures.isEmpty }

        package var description: String {
            "\(command): \(records) records, \(kills) kills (\(inside) inside an open transaction) in \(Int(seconds)) s: "
                + "\(lost) lost, \(twice) twice, \(altered) altered" + failures.map { "\n\($0)" }.joined()
        }
    }

    private let kafka: ScratchKafka
    private let kills: Int
    private let each: Int
    private let partitions: Int
    private let directory: ScratchDirectory
    private let tell: @Sendable (String) -> Void
    private var random: SplitMix64

    /// - Parameters:
    ///   - kills: of each command.
    ///   - records: that each command is about.
    ///   - tell: told in a line how it goes.
    package init(
        _ kafka: ScratchKafka, kills: Int, records: Int, partitions: Int = 3, seed: UInt64 = 1,
        tell: @escaping @Sendable (String) -> Void = { _ in }
    ) throws {
        self.kafka = kafka
        self.kills = kills
        self.partitions = partitions
        self.tell = tell
        each = max(1, records / partitions)
        directory = try ScratchDirectory("operations")
        random = SplitMix64(seed: seed)
    }

    /// Does it all; one report for each command.
    package func run() async throws -> [Report] {
        var reports: [Report] = []
        let planned = try await topics("apply")
        let plan = directory.file("plan.jsonl")
        try await finish(
            ["plan", "-o", plan, "-b", kafka.bootstrapServers, "--progress-topic", planned.progress] + source(planned)
                + ["--to", planned.destination, "--parked-topic", planned.parked])
        reports.append(
            try await kill(["apply", plan] + place(planned), topics: planned, published: planned.destination))

        let set = try await topics("park")
        let parking = ["park", "--reason", "proof", "--parked-topic", set.parked] + source(set) + place(set)
        reports.append(try await kill(parking, topics: set, published: set.parked, partitions: 1))
        let unparking = ["unpark", "--parked-topic", set.parked, "--to", set.destination, "--no-decode"] + place(set)
        reports.append(try await kill(unparking, topics: set, published: set.destination))

        let dropped = try await topics("discard")
        let archive = directory.file("gone.avro")
        let discarding = ["discard", "--reason", "proof", "--archive", archive, "--run", "proof"]
        reports.append(
            try await kill(discarding + source(dropped) + place(dropped), topics: dropped, published: nil))
        // What was discarded and is not in the archive would be missing here.
        reports.append(
            try await kill(
                ["restore", archive] + place(dropped), topics: dropped, published: dropped.source,
                from: Int64(each), isPaced: false))
        return reports
    }

    private func topics(_ label: String) async throws -> RedriveTopics {
        let topics = RedriveTopics(label, partitions: partitions)
        try await topics.create(on: kafka)
        try await kafka.createTopic(
            named: "\(topics.source).runs", partitions: 1, settings: ["cleanup.policy": "compact"])
        try await Seeder(kafka.bootstrapServers).fill(
            topics.source, partitions: 0..<partitions, records: 0..<each)
        return topics
    }

    private func source(_ topics: RedriveTopics) -> [String] { ["--topic", topics.source, "--no-decode"] }

    private func place(_ topics: RedriveTopics) -> [String] {
        ["-b", kafka.bootstrapServers, "--progress-topic", topics.progress]
            + ["--runs-topic", "\(topics.source).runs", "--yes"]
    }

    // MARK: - One command

    /// - Parameters:
    ///   - published: the topic that the command publishes to; nil where it publishes nothing.
    ///   - from: where in each partition what it publishes begins.
    private func kill(
        _ arguments: [String], topics: RedriveTopics, published: String?, partitions count: Int? = nil,
        from start: Int64 = 0, isPaced: Bool = true
    ) async throws -> Report {
        var report = Report(command: arguments[0])
        let began = monotonicSeconds()
        report.records = each * partitions
        // The progress topic shows a transaction too, where no record is published.
        let seen = Seen(partitions: partitions, each: each)
        let (topic, width) = (published ?? topics.progress, published == nil ? 3 : count ?? partitions)
        let receipt = Receipt()
        let committed = try TopicReader(
            kafka.bootstrapServers, topic: topic, partitions: width, isolation: .readCommitted
        ) { batch, index in
            guard published != nil else { return receipt.take(batch.key(index), batch.value(index)) }
            guard batch.offset(index) >= start else { return }
            seen.take(
                batch.key(index).map { Array($0) }, batch.value(index).map { Array($0) },
                batch.timestamp(index).milliseconds)
        }
        let written = Mutex(0)
        let archive = arguments.firstIndex(of: "--archive").map { arguments[$0 + 1] }
        let all = try TopicReader(
            kafka.bootstrapServers, topic: topic, partitions: width, isolation: .readUncommitted
        ) { batch, index in
            if batch.offset(index) >= start { written.withLock { $0 += 1 } }
        }
        while report.kills < kills {
            let before = written.withLock { $0 }
            let rate = max(100, (report.records - (published == nil ? 0 : seen.count)) / (2 * (kills - report.kills)))
            let copy = try ChildProcess(
                [try ProcessRunner.builtBinary("reprocess-dlq")] + arguments
                    + (isPaced ? ["--rate", "\(rate)", "-X", "linger.ms=5"] : []))
            _ = await eventually(deadline: 90) { written.withLock { $0 } > before || !copy.isRunning }
            await waitForMoment(of: copy, archive, isPaced: isPaced)
            let wasRunning = copy.isRunning
            copy.signal(SIGKILL)
            let result = try await copy.wait(deadline: 70)
            guard wasRunning else {
                if result.exitCode != 0 { report.failures.append(result.account) }
                break
            }
            report.kills += 1
            if let archive {
                // The records are on the disk, and not done: the next start cuts them off.
                if size(archive) > receipt.bytes { report.inside += 1 }
            } else if let stable = await committed.ends(), let latest = await all.ends(), stable != latest {
                report.inside += 1
            }
            tell("\(arguments[0]): \(report.kills) killed")
        }
        let last = try await ChildProcess(
            [try ProcessRunner.builtBinary("reprocess-dlq")] + arguments + (isPaced ? ["--rate", "max"] : [])
        ).wait(deadline: 180)
        if last.exitCode != 0 { report.failures.append(last.account) }
        let isSettled = await eventually(deadline: 90) {
            guard let stable = await committed.ends(), let latest = await all.ends(), stable == latest else {
                return false
            }
            return committed.hasReached(stable)
        }
        if !isSettled { report.failures.append("\(topic) never became stable") }
        if published != nil { (report.lost, report.twice, report.altered) = seen.faults }
        report.seconds = monotonicSeconds() - began
        return report
    }

    /// A random moment of its work; for an archive, right after it has grown and before that is committed.
    private func waitForMoment(of copy: ChildProcess, _ archive: String?, isPaced: Bool) async {
        let end = monotonicSeconds() + Double.random(in: 0..<(isPaced ? 1 : 0.1), using: &random)
        _ = await eventually(deadline: 3) { monotonicSeconds() >= end || !copy.isRunning }
        guard let archive else { return }
        let before = size(archive)
        _ = await eventually(deadline: 10) { size(archive) > before || !copy.isRunning }
    }

    private func size(_ path: String) -> Int {
        var state = stat()
        return stat(path, &state) == 0 ? Int(state.st_size) : 0
    }

    private func finish(_ arguments: [String]) async throws {
        let result = try await ProcessRunner.run(
            [try ProcessRunner.builtBinary("reprocess-dlq")] + arguments, deadline: 180)
        guard result.exitCode == 0 else { throw TestSupportError(result.account) }
    }
}

/// Which of the seeded records were seen, and how often. Any thread.
private final class Seen: Sendable {
    private let counts: Mutex<[[Int]]>
    private let altered = Mutex(0)

    init(partitions: Int, each: Int) {
        counts = Mutex(Array(repeating: Array(repeating: 0, count: each), count: partitions))
    }

    func take(_ key: [UInt8]?, _ value: [UInt8]?, _ timestamp: Int64) {
        guard let value, let record = value.withUnsafeBytes({ ProofRecord(value: $0) }), record.value == value,
            record.key == key, record.timestamp == timestamp
        else { return altered.withLock { $0 += 1 } }
        counts.withLock { $0[Int(record.partition)][Int(record.index)] += 1 }
    }

    var count: Int { counts.withLock { $0.reduce(0) { $0 + $1.reduce(0, +) } } }

    var faults: (lost: Int, twice: Int, altered: Int) {
        let all = counts.withLock { $0.flatMap { $0 } }
        return (all.count { $0 == 0 }, all.count { $0 > 1 }, altered.withLock { $0 })
    }
}

/// How much of an archive the progress topic says is committed. Any thread.
private final class Receipt: Sendable {
    private let last = Mutex(0)

    var bytes: Int { last.withLock { $0 } }

    func take(_ key: UnsafeRawBufferPointer?, _ value: UnsafeRawBufferPointer?) {
        guard let key, let value, String(decoding: key, as: UTF8.self).contains("/archive/") else { return }
        let text = String(decoding: value, as: UTF8.self)
        guard let number = text.split(separator: "\"bytes\":").last?.prefix(while: \.isNumber) else { return }
        last.withLock { $0 = Int(number) ?? $0 }
    }
}
