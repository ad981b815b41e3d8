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
        defer {
            canary.records = outcome.tally.redriven
            outcome.canary = canary
            // The run itself knew only of what lies before its last record.
            outcome.remaining = plan.remaining - outcome.tally.selected
        }
        let count = min(options.count, plan.settings.limit.map { Int(clamping: $0) } ?? .max)
        let entries = try await chooseCanary(count, plan)
        if stop.isSet { return false }
        guard !entries.isEmpty else {
            canary.state = .none
            return true
        }
        let watch = CanaryWatch(
            kafka: plan.settings.kafka, run: run, source: plan.settings.topic, options: options,
            patience: plan.settings.patience, stop: stop, say: { [say] in say.info($0) })
        let before = try watch.ends(of: [plan.settings.topic] + Set(entries.compactMap(\.destination)).sorted())
        try await redriveCanary(entries, run: run, plan, &outcome) { redriven in
            canary.records = redriven
            let start = MonotonicInstant.now()
            let result = try watch.wait(
                for: redriven, since: before, until: self.options.guards.runTime.map { began.advanced(by: $0) })
            canary.seconds = MonotonicInstant.now().seconds(since: start)
            canary.state = CanaryOutcome.State(result)
            return result.sentence(redriven).map { Refusal(.stoppedEarly, $0) }
        }
        if canary.state == .passed { say.info("the canary got through: \(canary.sentence)") }
        return canary.state == .passed
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
            // By the plan's verdict, which the rules of this call may not come to.
            if verdict == .redrive, let destination = judge.destination(of: verdict) {
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

    /// - Parameter decide: whether the rest may follow, told how many records were redriven; until then the canary's run
    ///   stands in the history as being under way.
    private func redriveCanary(
        _ entries: [PlanEntry], run: String, _ plan: DrainPlan, _ outcome: inout DrainOutcome,
        decide: (Int64) throws -> Refusal?
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
        let (log, stop) = (log, stop)
        try await redrive(part, &outcome, label: "canary", isCanary: true) {
            try PlanDecider(entries, log: log)
        } decide: { tally in
            if stop.isSet { return nil }
            guard tally.redriven > 0 else {
                return Refusal(
                    .stoppedEarly,
                    "none of the \(entries.count) canary records could be redriven; the rest was not touched")
            }
            return try decide(tally.redriven)
        }
    }
}
