import Events
import Kafka
import Lifecycle
import Redrive
import SchemaRegistry

/// Looks at what a run would read, without joining its group. Waits for the network: on a blocking executor.
struct ReplayScan {
    let plan: ReplayPlan
    let selection: ReplaySelection
    let registry: SchemaRegistryClient?
    let stop: StopFlag

    /// Visits every record of the range that is not done, topic by topic, with what was found of it.
    ///
    /// - Parameters:
    ///   - gone: told of offsets that retention has taken before they were visited.
    ///   - visit: false ends the scan.
    /// - Returns: whether everything was visited.
    func run(
        gone: (TopicPartition, Range<Int64>) -> Void = { _, _ in },
        visit: (RecordBatch, Int, ReplayInspector.Finding, borrowing ReplayInspector) throws -> Bool
    ) async throws -> Bool {
        var inspector = ReplayInspector(
            selection, decoder: EventDecoder(registry: registry), decodes: registry != nil)
        let sources = plan.settings.sources
        for topic in sources.names {
            guard let base = sources.base(of: topic) else { continue }
            let starts = plan.starts.filter { sources.topic(of: $0.partition) == topic }
            var ends: [Int32: Int64] = [:]
            for start in starts { ends[start.partition - base] = plan.endOffsets[start.partition] }
            let scan = DeadLetterScan(plan.settings.kafka, topic: topic, patience: plan.settings.patience)
            let isWhole = try await scan.run(
                starts.map { $0.numbered($0.partition - base) }, ends: ends, stop: stop,
                gone: { gone(TopicPartition(topic: topic, partition: $0), $1) }
            ) { batch, index in
                var finding = inspector.inspect(batch, index)
                while case .needsSchema(let id) = finding, let registry {
                    inspector.learn(id, try await registry.lookup(id))
                    finding = inspector.inspect(batch, index)
                }
                return try visit(batch, index, finding, inspector)
            }
            guard isWhole else { return false }
        }
        return true
    }
}
