import Events
package import Kafka

/// Judges dead letters and publishes them: the drain's part of the engine. Used by one lane, on its thread.
package final class DrainProcessor: RecordProcessor {
    private let rules: DrainRules
    private var reader = DeadLetterReader()
    /// Of the record last judged.
    private var letter = DeadLetter()
    private var gained = HeaderBatch()
    private let redriven: HeaderPolicy
    private let parked = HeaderPolicy(.park)
    /// Milliseconds since 1970.
    private let now: @Sendable () -> Int64

    package init(_ rules: DrainRules, now: @escaping @Sendable () -> Int64) {
        self.rules = rules
        self.now = now
        if case .topic = rules.route {
            redriven = HeaderPolicy(.redrive(.dlq))
        } else {
            redriven = HeaderPolicy(.redriveToOrigin(.dlq))
        }
    }

    package func judge(_ batch: RecordBatch, _ index: Int) -> Judgement {
        reader.begin()
        do throws(KafkaError) {
            try batch.forEachHeader(index) { reader.visit(name: $0, value: $1) }
        } catch {
            // Published anywhere it would lose headers that nobody can read: it stays where it is.
            letter = reader.finish()
            return .verdict(.reject)
        }
        letter = reader.finish()
        return .verdict(verdict(batch, index))
    }

    package func fetchSchema(_ id: Int32) async throws {}

    private func verdict(_ batch: RecordBatch, _ index: Int) -> Verdict {
        if let reason = letter.parkReason { return .park(reason: reason) }
        guard let origin = letter.origin else { return .park(reason: ParkReason.originMissing) }
        if letter.retryCount >= rules.maximumRetries { return .park(reason: ParkReason.retriesUsedUp) }
        if case .origin(let allowed) = rules.route, !allowed.contains(origin.topic) {
            return .park(reason: ParkReason.originNotAllowed)
        }
        return .redrive
    }

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
        case .skip, .reject: break
        }
    }

    private func redrive(
        _ batch: RecordBatch, _ index: Int, with publisher: Publisher, tag: UInt64
    ) throws(KafkaError) {
        let original = letter.originTimestamp ?? batch.timestamp(index).milliseconds
        let topic: String
        var partition: Int32?
        switch rules.route {
        case .topic(let name):
            topic = name
            if batch.key(index) == nil, let count = rules.partitionCounts[name] {
                partition = batch.partition(index) % count
            }
            gained.setRedrive(
                .redrive(.dlq), of: letter, run: rules.run,
                originalTimestamp: rules.timestamps == .now ? original : nil)
        case .origin:
            topic = letter.origin?.topic ?? ""
            if let origin = letter.origin?.partition, origin < rules.partitionCounts[topic] ?? 0 { partition = origin }
            gained.setRedrive(
                .redriveToOrigin(.dlq), of: letter, run: rules.run,
                originalTimestamp: rules.timestamps == .now ? original : nil)
        }
        try publisher.topic(topic).forward(
            batch, index, partition: partition, timestamp: rules.timestamps == .now ? now() : original, tag: tag
        ) { edit($0, redriven) }
    }

    private func park(
        _ batch: RecordBatch, _ index: Int, reason: String, with publisher: Publisher, tag: UInt64
    ) throws(KafkaError) {
        gained.setParked(reason: reason, by: rules.parkedBy, at: now())
        var partition: Int32?
        if batch.key(index) == nil, let count = rules.partitionCounts[rules.parkedTopic] {
            partition = batch.partition(index) % count
        }
        try publisher.topic(rules.parkedTopic).forward(
            batch, index, partition: partition, timestamp: batch.timestamp(index).milliseconds, tag: tag
        ) { edit($0, parked) }
    }

    private func edit(_ headers: borrowing HeaderEditor, _ policy: HeaderPolicy) {
        headers.removeAll { policy.removes($0) }
        gained.forEach { headers.append(name: $0, $1) }
    }
}
