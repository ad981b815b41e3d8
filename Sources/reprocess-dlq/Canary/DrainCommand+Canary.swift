import CommandLine
import Kafka
import Lifecycle
import Redrive
import ToolKit

/// Trying a few records before all the others.
extension DrainCommand {
    /// How many records a canary is chosen from at most.
    private static let canarySample = 100_000

    /// Redrives the canary and waits for it.
    ///
    /// - Returns: whether the rest may follow.
    /// - Throws: `Refusal` of `stoppedEarly` where the canary did not get through.
    func tryCanary(_ options: CanaryOptions, _ plan: DrainPlan, _ outcome: inout DrainOutcome) async throws -> Bool {
        let run = "\(plan.settings.run)-canary"
        var canary = CanaryOutcome(run: run, groups: options.groups)
        defer { outcome.canary = canary }
        let entries = try await chooseCanary(options.count, plan)
        if stop.isSet { return false }
        guard !entries.isEmpty else {
            canary.state = .none
            return true
        }
        let watch = CanaryWatch(
            kafka: plan.settings.kafka, run: run, source: plan.settings.topic, options: options,
            patience: plan.settings.patience, stop: stop, say: { [say] in say.info($0) })
        let before = try watch.ends(of: [plan.settings.topic] + Set(entries.compactMap(\.destination)).sorted())
        try await redriveCanary(entries, run: run, plan, &outcome)
        canary.records = outcome.tally.redriven
        // The run itself knew only of what lies before its last record.
        outcome.remaining = plan.remaining - outcome.tally.selected
        if stop.isSet || canary.records == 0 { return canary.records == 0 && !stop.isSet }
        let start = MonotonicInstant.now()
        let result = try watch.wait(before: before)
        canary.seconds = MonotonicInstant.now().seconds(since: start)
        switch result {
        case .passed: canary.state = .passed
        case .failedAgain: canary.state = .failedAgain
        case .notConsumed: canary.state = .notConsumed
        case .stopped: canary.state = .undecided
        }
        if let sentence = result.sentence(canary.records) { throw Refusal(.stoppedEarly, sentence) }
        if result == .passed { say.info("the canary got through: \(canary.sentence)") }
        return result == .passed
    }

    private func chooseCanary(_ count: Int, _ plan: DrainPlan) async throws -> [PlanEntry] {
        var choice = CanaryChoice(count: count)
        var judge = RecordJudge(
            plan.rules, filter: options.filter.filter, registry: options.registry,
            originReader: OriginReader(plan.settings.kafka, patience: plan.settings.patience),
            now: TimeSource.milliseconds())
        var digest = try ContentDigest()
        let planned = try file.map { try PlanDecider($0, log: PlanLog()) }
        var visited = 0
        let scan = DeadLetterScan(plan.settings.kafka, topic: plan.settings.topic, patience: plan.settings.patience)
        _ = try await scan.run(plan.starts, ends: plan.endOffsets, stop: stop) { batch, index in
            let judgement = try await judge.judge(batch, index)
            visited += 1
            let verdict = try planned?.verdict(batch, index) ?? judgement.verdict
            if verdict == .redrive, let destination = judgement.destination {
                let entry = PlanEntry(
                    topic: plan.settings.topic, partition: batch.partition(index), offset: batch.offset(index),
                    timestamp: batch.timestamp(index).milliseconds, digest: try digest.digest(of: batch, index),
                    decision: .redrive, destination: destination, reason: nil)
                guard choice.take(entry, judge.kind) else { return false }
            }
            return visited < Self.canarySample
        }
        return choice.chosen
    }

    private func redriveCanary(
        _ entries: [PlanEntry], run: String, _ plan: DrainPlan, _ outcome: inout DrainOutcome
    ) async throws {
        let reader = try KafkaConsumer(plan.settings.kafka, group: nil, isolation: .readCommitted)
        defer { reader.close(timeout: .seconds(5)) }
        var part = plan
        part.settings.run = run
        part.settings.follows = false
        part.settings.limit = nil
        part.rules.run = run
        part.ends = EndPins(topic: plan.settings.topic, reader: reader, patience: plan.settings.patience)
        _ = try part.ends.pinAll()
        part.ends.lower(
            to: Dictionary(entries.map { ($0.partition, $0.offset + 1) }, uniquingKeysWith: { max($0, $1) }))
        part.endOffsets = try part.ends.pinAll()
        try await redrive(part, &outcome, label: "canary") { [log] in try CanaryFates(entries, log: log) }
    }
}
