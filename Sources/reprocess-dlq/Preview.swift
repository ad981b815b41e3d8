import Events
import Kafka
import Lifecycle
import Redrive
import SchemaRegistry
import ToolKit

/// What a drain would do with the records that are there, counted without doing any of it.
struct Preview: Sendable {
    var redriven: Int64 = 0
    var parked: [String: Int64] = [:]
    var skipped: Int64 = 0
    var rejected: Int64 = 0
    /// The first reason why a destination would not keep a record.
    var objection: TimestampObjection?
    var isComplete = true

    var selected: Int64 { redriven + rejected + parked.values.reduce(0, +) }

    /// Fewer records than these say nothing about a run: two hopeless ones out of three are no alarm.
    static let massParkMinimum: Int64 = 100

    /// The reason for which more than half of the records looked at would be parked.
    var massPark: (reason: String, count: Int64)? {
        guard selected >= Self.massParkMinimum else { return nil }
        return parked.first { $0.value * 2 > selected }.map { ($0.key, $0.value) }
    }

    /// Looks at the plan's records; waits for the network, so on a blocking executor.
    ///
    /// - Parameter limit: how many selected records to look at; nil is all.
    static func make(
        _ plan: DrainPlan, filter: EventFilter, registry: SchemaRegistryClient?, limit: Int64?, stop: StopFlag,
        progress: (Int64) -> Void = { _ in }
    ) async throws -> Preview {
        var preview = Preview()
        var visited: Int64 = 0
        var judge = RecordJudge(
            plan.rules, filter: filter, registry: registry,
            originReader: OriginReader(plan.settings.kafka, patience: plan.settings.patience),
            now: TimeSource.milliseconds())
        let scan = DeadLetterScan(plan.settings.kafka, topic: plan.settings.topic, patience: plan.settings.patience)
        let limit = min(limit ?? .max, plan.settings.limit ?? .max)
        preview.isComplete = try await scan.run(plan.starts, ends: plan.endOffsets, stop: stop) { batch, index in
            preview.count(try await judge.judge(batch, index))
            visited += 1
            progress(visited)
            return preview.selected < limit
        }
        return preview
    }

    private mutating func count(_ judgement: RecordJudge.Judgement) {
        switch judgement.verdict {
        case .redrive: redriven += 1
        case .park(let reason): parked[reason, default: 0] += 1
        case .skip, .requeue, .drop: skipped += 1
        case .reject: rejected += 1
        }
        if objection == nil { objection = judgement.objection }
    }
}
