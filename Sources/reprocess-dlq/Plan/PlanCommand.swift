import CommandLine
import Crypto
import Kafka
import Lifecycle
import Redrive
import ToolKit

/// `reprocess-dlq plan -o FILE`: what a drain with the same flags would do, record by record.
struct PlanCommand: Sendable {
    let console: Console
    let options: DrainOptions
    /// The file to write.
    let path: String
    /// The command as it was typed, for the file.
    let command: String
    let stop: StopFlag
    private let patience = Duration.seconds(60)

    init(console: Console, options: DrainOptions, path: String, command: String, stop: StopFlag) {
        self.console = console
        self.options = options
        self.path = path
        self.command = command
        self.stop = stop
    }

    /// Runs on a blocking executor of its own.
    func run() async -> ExitCode {
        let executor = BlockingExecutor(name: "plan")
        return await Task(executorPreference: executor) { await plan() }.value
    }

    private func plan() async -> ExitCode {
        var report = PlanReport(path: path, topic: options.topic)
        do {
            try await write(&report)
        } catch {
            report.refusal = Refusal(error, stop: stop)
        }
        console.conclude(
            error: report.refusal?.description, isJSON: options.isJSON, document: report.json,
            text: report.refusal == nil ? report.lines.joined(separator: "\n") : nil)
        return report.exitCode
    }

    private func write(_ report: inout PlanReport) async throws {
        let reader = try KafkaConsumer(options.connection.kafka, group: nil, isolation: .readCommitted)
        defer { reader.close(timeout: .seconds(5)) }
        let plan = try DrainPlanner(
            options: options, runName: "", copy: "", parkedBy: "", patience: patience, stop: stop,
            say: { [console] in console.note($0) }, joins: false
        ).plan(reader: reader)
        report.clusterID = plan.clusterID
        for notice in plan.notices { console.warning(notice) }
        let file = try SealedWriter(path: path)
        try file.append(
            PlanHeader(
                clusterID: plan.clusterID, topic: options.topic, group: options.group, destination: options.destination,
                parkedTopic: options.parkedTopic, timestamps: options.timestamps, skipped: options.skipped,
                command: command, writtenAt: TimePoint.now().description, by: RunName.who()
            ).line)
        let line = console.progress(options.progress, label: "planning", total: Int(clamping: plan.remaining))
        defer { line.finish() }
        var judge = RecordJudge(
            plan.rules, filter: options.filter.filter, registry: options.registry,
            originReader: OriginReader(plan.settings.kafka, patience: patience), now: TimeSource.milliseconds())
        var digest = try ContentDigest()
        var visited = 0
        // One partition after the other, so that the file is in order and can be read along with the topic.
        for start in plan.starts.sorted(by: { $0.partition < $1.partition }) {
            if report.entries >= options.limit ?? .max { break }
            let scan = DeadLetterScan(plan.settings.kafka, topic: options.topic, patience: patience)
            _ = try await scan.run([start], ends: plan.endOffsets, stop: stop) { batch, index in
                visited += 1
                if visited % 256 == 0 { line.update(done: visited, total: Int(clamping: plan.remaining)) }
                let judgement = try await judge.judge(batch, index)
                if let objection = judgement.objection { throw objection }
                guard
                    let entry = PlanEntry(
                        judgement, batch, index, topic: options.topic, digest: try digest.digest(of: batch, index))
                else {
                    report.skipped += 1
                    return true
                }
                try file.append(entry.line)
                report.count(entry)
                return report.selected < options.limit ?? .max
            }
        }
        guard !stop.isSet else { throw Refusal(.interrupted, "stopped; no plan was written") }
        try file.finish()
        report.isWritten = true
    }
}

extension PlanEntry {
    /// What a judgement comes to; nil for a record that is not selected and stays.
    fileprivate init?(
        _ judgement: RecordJudge.Judgement, _ batch: RecordBatch, _ index: Int, topic: String, digest: SHA256Digest
    ) {
        var reason: String?
        let decision: Decision
        switch judgement.verdict {
        case .redrive: decision = .redrive
        case .park(let why): (decision, reason) = (.park, why)
        case .requeue: decision = .requeue
        case .reject: decision = .leave
        case .skip, .drop: return nil
        }
        self.init(
            topic: topic, partition: batch.partition(index), offset: batch.offset(index),
            timestamp: batch.timestamp(index).milliseconds, digest: digest, decision: decision,
            destination: judgement.destination, reason: reason)
    }
}
