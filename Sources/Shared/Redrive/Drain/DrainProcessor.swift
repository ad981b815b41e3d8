package import Events
package import Kafka
package import SchemaRegistry

/// Judges dead letters and publishes them: the drain's part of the engine. Used by one lane, on its thread.
package final class DrainProcessor: RecordProcessor {
    private let rules: DrainRules
    private let registry: SchemaRegistryClient?
    private var inspector: DeadLetterInspector
    private var gained = HeaderBatch()
    private let redriven: HeaderPolicy
    private let parked = HeaderPolicy(.park)
    /// Milliseconds since 1970.
    private let now: @Sendable () -> Int64
    private var readAt: Int64 = 0
    private let originReader: OriginReader
    private let planned: (any PlannedFates)?
    /// Of the record last judged, where it had none and its origin has it.
    private var body: [UInt8]?

    /// - Parameters:
    ///   - registry: nil does not look into bodies.
    ///   - originReader: asked for bodies that are missing.
    ///   - planned: decides in place of filter and rules.
    ///   - now: milliseconds since 1970.
    package init(
        _ rules: DrainRules, filter: EventFilter, registry: SchemaRegistryClient?, originReader: OriginReader,
        planned: (any PlannedFates)? = nil, now: @escaping @Sendable () -> Int64
    ) {
        self.planned = planned
        self.rules = rules
        self.registry = registry
        self.originReader = originReader
        self.now = now
        inspector = DeadLetterInspector(
            filter: filter, decoder: EventDecoder(registry: registry), decodes: registry != nil)
        redriven = HeaderPolicy(rules.operation)
    }

    /// The wall clock, read once in 256 records: ages are judged by days.
    private func coarseNow(_ index: Int) -> Int64 {
        if index & 0xFF == 0 || readAt == 0 { readAt = now() }
        return readAt
    }

    /// - Throws: `TimestampObjection` where the record's destination would not keep it as it is, `KafkaError` where a
    ///   missing body could not be asked for at its origin.
    package func judge(_ batch: RecordBatch, _ index: Int) throws -> Judgement {
        body = nil
        if let planned { return .verdict(try verdict(of: planned, batch, index)) }
        var finding = inspector.inspect(batch, index)
        if finding == .noBody { finding = try inspectOrigin(batch, index) }
        if case .needsSchema(let id) = finding { return .needsSchema(id) }
        return .verdict(
            try inspector.verdict(
                finding, by: rules, recordTimestamp: batch.timestamp(index).milliseconds, now: coarseNow(index)))
    }

    private func verdict(of plan: any PlannedFates, _ batch: RecordBatch, _ index: Int) throws -> Verdict {
        let verdict = try plan.verdict(batch, index)
        guard verdict != .skip else { return verdict }
        if inspector.inspect(batch, index) == .noBody, verdict == .redrive, try inspectOrigin(batch, index) == .noBody {
            plan.bodyIsGone(partition: batch.partition(index), offset: batch.offset(index))
            return .skip
        }
        try rules.checkTimestamp(
            of: verdict, inspector.letter, recordTimestamp: batch.timestamp(index).milliseconds, now: coarseNow(index))
        return verdict
    }

    private func inspectOrigin(_ batch: RecordBatch, _ index: Int) throws -> DeadLetterInspector.Finding {
        guard let origin = inspector.letter.origin else { return .noBody }
        let time = batch.timestamp(index).milliseconds
        body = try originReader.value(
            at: origin, key: batch.key(index),
            timestamp: rules.originalTimestamp(inspector.letter, recordTimestamp: time))
        guard let body else { return .noBody }
        return body.withUnsafeBytes { inspector.inspect(body: $0, recordTimestamp: time) }
    }

    /// Asks the registry; nothing happens where there is none.
    ///
    /// - Throws: `SchemaRegistryError` where the registry does not answer or will not say.
    package func fetchSchema(_ id: Int32) async throws {
        guard let registry else { return }
        let lookup = try await registry.lookup(id)
        inspector.learn(id, lookup)
    }

    /// Publishes the record last judged to the destination that its verdict names.
    ///
    /// - Throws: `KafkaError` of the kinds that `RecordProcessor` names; the record is then not sent.
    package func publish(
        _ batch: RecordBatch, _ index: Int, _ verdict: Verdict, with publisher: Publisher, tag: UInt64
    ) throws(KafkaError) {
        switch verdict {
        case .redrive: try redrive(batch, index, with: publisher, tag: tag)
        case .park(let reason): try park(batch, index, reason: reason, with: publisher, tag: tag)
        case .requeue:
            try publisher.topic(rules.source).forward(
                batch, index, partition: batch.partition(index), timestamp: batch.timestamp(index).milliseconds,
                tag: tag
            ) { _ in }
        case .skip, .reject, .drop: break
        }
    }

    private func redrive(
        _ batch: RecordBatch, _ index: Int, with publisher: Publisher, tag: UInt64
    ) throws(KafkaError) {
        let original = inspector.originalTimestamp(rules, recordTimestamp: batch.timestamp(index).milliseconds)
        let topic = if case .topic(let name) = rules.route { name } else { inspector.letter.origin?.topic ?? "" }
        let partition = rules.route.partition(
            of: rules.destinations[topic]?.partitionCount, origin: inspector.letter.origin?.partition,
            source: batch.partition(index), hasKey: batch.key(index) != nil)
        inspector.gain(&gained, by: redriven.operation, rules, original: original)
        try publisher.topic(topic).forward(
            batch, index, partition: partition, timestamp: rules.timestamps == .now ? now() : original, tag: tag,
            value: body
        ) { Self.edit($0, redriven, &gained, mayKeep: inspector.hasSingleHeaders) }
    }

    private func park(
        _ batch: RecordBatch, _ index: Int, reason: String, with publisher: Publisher, tag: UInt64
    ) throws(KafkaError) {
        guard rules.purpose != .unpark else {
            // It comes from there: back again would be without end. It stays where it is.
            throw KafkaError(.produce, kind: .messageTooLarge, reason: "no destination takes it")
        }
        let time = batch.timestamp(index).milliseconds
        let isRenewed = rules.timestamps == .now
        let original =
            isRenewed && !inspector.letter.hasOriginalTimestamp
            ? rules.originalTimestamp(inspector.letter, recordTimestamp: time) : nil
        gained.setParked(reason: reason, by: rules.parkedBy, at: now(), originalTimestamp: original)
        let partition = DrainRules.Route.topic(rules.parkedTopic).partition(
            of: rules.destinations[rules.parkedTopic]?.partitionCount, origin: nil, source: batch.partition(index),
            hasKey: batch.key(index) != nil)
        try publisher.topic(rules.parkedTopic).forward(
            batch, index, partition: partition, timestamp: isRenewed ? now() : time, tag: tag
        ) { Self.edit($0, parked, &gained, mayKeep: inspector.hasSingleHeaders) }
    }

    /// One access to `gained` for all of a record's headers.
    private static func edit(
        _ headers: borrowing HeaderEditor, _ policy: HeaderPolicy, _ gained: inout HeaderBatch, mayKeep: Bool
    ) {
        if mayKeep {
            headers.removeAll { policy.removes($0) && !gained.keeps($0, $1) }
        } else {
            headers.removeAll { policy.removes($0) }
        }
        gained.forEach { headers.append(name: $0, $1) }
    }
}
