import Events
import Kafka
import Lifecycle
import Redrive
import SchemaRegistry
import ToolKit

/// What waits in a queue, counted from its first records: enough to know it by, in a time that does not grow with it.
struct QueueSample: Sendable {
    let kafka: KafkaConfiguration
    let topic: String
    let filter: EventFilter
    let registry: SchemaRegistryClient?
    let patience: Duration
    let stop: StopFlag
    /// Records that are looked into at most.
    var limit = 50_000

    /// Counts records that are not done.
    ///
    /// - Returns: the counts, and whether they are of all records.
    func tally(_ starts: [PartitionStart], ends: [Int32: Int64]) async throws -> (ListTally, isWhole: Bool) {
        let rules = DrainRules(
            source: topic, route: .origin(allowed: []), parkedTopic: "", run: "", parkedBy: "", destinations: [:])
        let (registry, limit) = (registry, limit)
        var inspector = DeadLetterInspector(
            filter: filter, decoder: EventDecoder(registry: registry), decodes: registry != nil)
        var tally = ListTally()
        var visited = 0
        let now = TimeSource.milliseconds()
        let isWhole = try await DeadLetterScan(kafka, topic: topic, patience: patience).run(
            starts, ends: ends, stop: stop
        ) { batch, index in
            let finding = try await inspector.inspect(batch, index, asking: registry).finding
            tally.count(finding, inspector, batch, index, isDone: false, rules: rules, now: now)
            visited += 1
            return visited < limit
        }
        return (tally, isWhole)
    }
}
