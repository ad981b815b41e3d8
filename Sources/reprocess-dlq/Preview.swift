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
    /// By destination topic.
    var destinations: [String: Int64] = [:]
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
        let now = TimeSource.milliseconds()
        var inspector = DeadLetterInspector(
            filter: filter, decoder: EventDecoder(registry: registry), decodes: registry != nil)
        let originReader = OriginReader(plan.settings.kafka, patience: plan.settings.patience)
        let scan = DeadLetterScan(plan.settings.kafka, topic: plan.settings.topic, patience: plan.settings.patience)
        let limit = min(limit ?? .max, plan.settings.limit ?? .max)
        preview.isComplete = try await scan.run(plan.starts, ends: plan.endOffsets, stop: stop) { batch, index in
            let time = batch.timestamp(index).milliseconds
            var finding = inspector.inspect(batch, index)
            var body: [UInt8]?
            if finding == .noBody, let origin = inspector.letter.origin {
                body = try originReader.value(
                    at: origin, key: batch.key(index),
                    timestamp: plan.rules.originalTimestamp(inspector.letter, recordTimestamp: time))
                if let body { finding = body.withUnsafeBytes { inspector.inspect(body: $0, recordTimestamp: time) } }
            }
            while case .needsSchema(let id) = finding {
                guard let registry else { break }
                inspector.learn(id, try await registry.lookup(id))
                finding =
                    body?.withUnsafeBytes { inspector.inspect(body: $0, recordTimestamp: time) }
                    ?? inspector.inspect(batch, index)
            }
            preview.count(plan.rules.verdict(finding, inspector.letter), inspector.letter, plan.rules)
            preview.check(plan.rules, finding, inspector.letter, time, now: now)
            visited += 1
            progress(visited)
            return preview.selected < limit
        }
        return preview
    }

    private mutating func count(_ verdict: Verdict, _ letter: DeadLetter, _ rules: DrainRules) {
        switch verdict {
        case .redrive: redriven += 1
        case .park(let reason): parked[reason, default: 0] += 1
        case .skip, .requeue: skipped += 1
        case .reject: rejected += 1
        }
        if let topic = rules.destination(of: verdict, letter) { destinations[topic, default: 0] += 1 }
    }

    private mutating func check(
        _ rules: DrainRules, _ finding: DeadLetterInspector.Finding, _ letter: DeadLetter, _ timestamp: Int64,
        now: Int64
    ) {
        guard objection == nil else { return }
        do throws(TimestampObjection) {
            try rules.checkTimestamp(
                of: rules.verdict(finding, letter), letter, recordTimestamp: timestamp, now: now)
        } catch {
            objection = error
        }
    }
}
