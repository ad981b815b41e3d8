package import Kafka
package import Lifecycle

/// The only member of a group, for changes that are committed under its membership and read no records of the topic:
/// resetting progress, restoring an archive. Another member that joins fences it.
///
/// Blocking: on a blocking executor, one thread at a time.
package final class SoleMember {
    private let settings: RedriveSettings
    /// The member; it reads nothing, and is closed by `leave`.
    package let consumer: KafkaConsumer
    private let metadata: GroupMetadata
    /// How many partitions the topic has.
    package let partitionCount: Int32

    /// Joins the settings' group for their topic and waits until all partitions are this member's. Nobody reads them.
    ///
    /// - Parameters:
    ///   - purpose: what needs to be the only member, for the refusal.
    ///   - stop: ends the wait.
    /// - Throws: `.notAlone` where another member holds partitions, `.stopped`, `.kafka`.
    package init(
        _ settings: RedriveSettings, purpose: String, stop: StopFlag
    ) throws(RedriveError) {
        self.settings = settings
        do throws(KafkaError) {
            consumer = try KafkaConsumer(settings.kafka, group: settings.group, isolation: .readCommitted)
            let member = consumer
            partitionCount = try NewPartition.waiting(for: settings.topic, on: member) { () throws(KafkaError) in
                try member.partitionCount(of: settings.topic, timeout: settings.patience)
            }
            try consumer.subscribe([settings.topic])
        } catch {
            throw .kafka(error)
        }
        do {
            metadata = try Self.waitForAssignment(consumer, settings, partitionCount, purpose, stop)
        } catch {
            consumer.close(timeout: .seconds(5))
            throw RedriveError(error, settings: settings)
        }
    }

    private static func waitForAssignment(
        _ consumer: KafkaConsumer, _ settings: RedriveSettings, _ count: Int32, _ purpose: String, _ stop: StopFlag
    ) throws -> GroupMetadata {
        let deadline = MonotonicInstant.now().advanced(bySeconds: Double(settings.patience.components.seconds))
        while !stop.isSet {
            for event in try consumer.pollEvents(timeout: .milliseconds(100)) {
                switch event {
                case .assign(let partitions, let metadata):
                    let mine = partitions.count { $0.topic == settings.topic }
                    // None at all may be a leader that has not heard of the topic yet.
                    if mine > 0, mine < count {
                        throw RedriveError.notAlone(member: "another program", reason: purpose)
                    }
                    // Answered without a partition: nothing is to be read.
                    try consumer.unassign()
                    if mine == count { return metadata }
                    try consumer.subscribe([settings.topic])
                case .revoke: try consumer.unassign()
                case .error(let error): try error.throwUnlessPassing()
                }
            }
            guard MonotonicInstant.now() < deadline else {
                throw KafkaError(
                    .subscribe, kind: .timedOut, reason: "the group gave out no partitions within \(settings.patience)")
            }
        }
        throw RedriveError.stopped(waitingFor: "group \(settings.group)")
    }

    /// What the group has committed for these partitions of its topic; waits for pending commits.
    package func committed(_ partitions: [Int32]) throws(RedriveError) -> [CommittedOffset] {
        do throws(KafkaError) {
            return try consumer.committed(
                partitions.map { TopicPartition(topic: settings.topic, partition: $0) }, timeout: settings.patience)
        } catch {
            throw .kafka(error)
        }
    }

    /// A producer for `transact`.
    package func makePublisher() throws(RedriveError) -> Publisher {
        do throws(KafkaError) {
            var options = ProducerOptions()
            options.batchBytes = min(options.batchBytes, settings.maximumBatchBytes)
            options.queueKilobytes = 16 * 1024
            options.queueRecords = 12_000
            let id = settings.delivery == .exactlyOnce ? TransactionalID.make(settings, lane: 0) : nil
            let producer = try KafkaProducer(settings.kafka, transactionalID: id, options: options)
            if id != nil { try producer.initTransactions(timeout: settings.patience) }
            return Publisher(producer)
        } catch {
            throw .kafka(error)
        }
    }

    /// Publishes what `body` sends and the progress, and commits the offsets, in one transaction; where the delivery is
    /// at-least-once, in this order.
    package func transact(
        with publisher: Publisher, progress: [ProgressRecord] = [], offsets: [PartitionOffset],
        _ body: (Publisher) throws(KafkaError) -> Void = { _ in }
    ) throws(RedriveError) {
        let isTransactional = settings.delivery == .exactlyOnce
        do throws(KafkaError) {
            if isTransactional { try publisher.producer.beginTransaction() }
            try body(publisher)
            try send(progress, with: publisher)
            guard isTransactional else {
                try publisher.producer.flush(timeout: settings.patience)
                if let failure = publisher.producer.takeFailures().failures.first { throw failure.error }
                return try consumer.commit(offsets, timeout: settings.patience)
            }
            try publisher.producer.sendOffsets(offsets, group: metadata, timeout: settings.patience)
            try publisher.producer.commitTransaction(timeout: settings.patience)
        } catch {
            let cause = publisher.explain(error)
            if isTransactional { try? publisher.producer.abortTransaction(timeout: .seconds(10)) }
            throw .kafka(cause)
        }
    }

    private func send(_ records: [ProgressRecord], with publisher: Publisher) throws(KafkaError) {
        guard let topic = settings.progressTopic, !records.isEmpty else { return }
        let handle = try publisher.topic(topic)
        let count = try consumer.partitionCount(of: topic, timeout: settings.patience)
        for record in records {
            try handle.send(
                OutgoingRecord(
                    partition: KeyPartitioner.partition(of: record.key.owner.key, count: count),
                    key: Array(record.key.text.utf8),
                    value: record.value.map { ProgressCodec.encode($0, stamp: record.stamp) }))
        }
    }

    /// Leaves the group; false where the client did not end in time.
    @discardableResult
    package func leave() -> Bool { consumer.close(timeout: .seconds(8)) }
}
