import Events
package import Kafka
package import Observability
package import SchemaRegistry

/// Judges events and publishes them again: the replay's part of the engine. Used by one lane, on its thread.
package final class ReplayProcessor: RecordProcessor {
    private let rules: ReplayRules
    private let registry: SchemaRegistryClient?
    private var inspector: ReplayInspector
    private var gained = HeaderBatch()
    private let policy: HeaderPolicy
    private let operation: HeaderPolicy.Operation
    private var trace: TraceHeader
    /// Milliseconds since 1970.
    private let now: @Sendable () -> Int64
    private var readAt: Int64 = 0

    /// - Parameters:
    ///   - registry: nil does not look into bodies.
    ///   - trace: the root of the run's trace.
    ///   - now: milliseconds since 1970.
    package init(
        _ rules: ReplayRules, selection: ReplaySelection, registry: SchemaRegistryClient?, trace: TraceContext,
        now: @escaping @Sendable () -> Int64
    ) {
        self.rules = rules
        self.registry = registry
        self.trace = TraceHeader(run: trace)
        self.now = now
        inspector = ReplayInspector(
            selection, decoder: EventDecoder(registry: registry), decodes: registry != nil)
        if case .topic = rules.route { operation = .redrive(.replay) } else { operation = .redriveToOrigin(.replay) }
        policy = HeaderPolicy(operation)
    }

    /// - Throws: `TimestampObjection` where the record's destination would not keep it, `UndecodableRecord`.
    package func judge(_ batch: RecordBatch, _ index: Int) throws -> Judgement {
        let finding = inspector.inspect(batch, index)
        if case .needsSchema(let id) = finding { return .needsSchema(id) }
        let verdict: Verdict
        do throws(UndecodableRecord) {
            verdict = try rules.verdict(finding, origin: inspector.letter.origin?.topic)
        } catch {
            var error = error
            error.place = "\(batch.topicPartition(index)) offset \(batch.offset(index))"
            throw error
        }
        if verdict == .redrive {
            // The wall clock, read once in 256 records: ages are judged by days.
            if index & 0xFF == 0 || readAt == 0 { readAt = now() }
            try rules.checkTimestamp(
                inspector.letter, recordTimestamp: batch.timestamp(index).milliseconds, now: readAt)
        }
        return .verdict(verdict)
    }

    /// Asks the registry; nothing happens where there is none.
    package func fetchSchema(_ id: Int32) async throws {
        guard let registry else { return }
        let lookup = try await registry.lookup(id)
        inspector.learn(id, lookup)
    }

    /// Publishes the record last judged.
    package func publish(
        _ batch: RecordBatch, _ index: Int, _ verdict: Verdict, with publisher: Publisher, tag: UInt64
    ) throws(KafkaError) {
        let letter = inspector.letter
        let original = rules.originalTimestamp(letter, recordTimestamp: batch.timestamp(index).milliseconds)
        let isRenewed = rules.timestamps == .now
        gained.setRedrive(operation, of: letter, run: rules.run, originalTimestamp: isRenewed ? original : nil)
        let topic = rules.destination(letter)
        let partition = rules.route?.partition(
            of: rules.destinations[topic]?.partitionCount, origin: letter.origin?.partition,
            source: batch.partition(index), hasKey: batch.key(index) != nil)
        try publisher.topic(topic).forward(
            batch, index, partition: partition, timestamp: isRenewed ? now() : original, tag: tag
        ) { edit($0) }
    }

    private func edit(_ headers: borrowing HeaderEditor) {
        headers.removeAll { policy.removes($0) || TraceHeader.isTrace($0) }
        gained.forEach { headers.append(name: $0, $1) }
        trace.next().withUnsafeBytes { value in
            TraceHeader.name.withUnsafeBytes { headers.append(name: $0, value) }
        }
        guard !inspector.hasTraceLink, !inspector.trace.isEmpty else { return }
        inspector.trace.withUnsafeBytes { value in
            TraceHeader.linkName.withUnsafeBytes { headers.append(name: $0, value) }
        }
    }
}
