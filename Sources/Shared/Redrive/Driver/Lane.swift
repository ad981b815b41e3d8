import Kafka
import Lifecycle
import Pacing

/// One lane's driver: does what its machine asks for, on a thread of its own.
///
/// A source partition belongs to one lane and a lane has a producer of its own, so one lane fills its transaction
/// while another commits, and no partition is reordered.
final class Lane {
    let index: Int
    let settings: RedriveSettings
    let mailbox: LaneMailbox
    let statistics: RunStatistics
    private let consumer: KafkaConsumer
    private let queue: RecordQueue
    private let store: ProgressStore
    private let processor: any RecordProcessor
    private var pacer: LanePacer
    var machine: LaneMachine
    var publisher: Publisher?
    private let batch = RecordBatch(capacity: 5_000)
    /// The next record of `batch` to be offered.
    private var cursor = 0
    private var membership: LaneMailbox.Assignment?
    private var digest: RecordDigest
    private var hasVerified = false
    /// Deliveries that failed outside a transaction.
    private var failures: [DeliveryFailure] = []

    init(
        index: Int, settings: RedriveSettings, consumer: KafkaConsumer, queue: RecordQueue, store: ProgressStore,
        processor: any RecordProcessor, mailbox: LaneMailbox, statistics: RunStatistics
    ) throws {
        self.index = index
        self.settings = settings
        self.consumer = consumer
        self.queue = queue
        self.store = store
        self.processor = processor
        pacer = LanePacer(settings.pace)
        self.mailbox = mailbox
        self.statistics = statistics
        machine = LaneMachine(settings.laneConfiguration)
        digest = try RecordDigest()
    }

    /// Works until told to quit; to be called on the lane's blocking executor.
    func run() async {
        do {
            while try await !takeOrders() {
                try await perform(machine.next(now: Self.now()))
            }
            // Told to quit in the middle, because the run has failed elsewhere: readers must not wait for a time-out.
            if machine.pendingRecords > 0 { abortQuietly() }
        } catch {
            mailbox.report(.failed(error))
            abortQuietly()
        }
        batch.reset()
        _ = publisher?.close(timeout: .seconds(5))
        publisher = nil
    }

    /// Two lanes, the prefetch and this share the tool's 160 MiB; a record waiting for delivery costs librdkafka about
    /// a kilobyte beside its own bytes. A batch stays below what every destination takes, so that a broker that refuses
    /// one refuses a single record.
    private var producerOptions: ProducerOptions {
        var options = ProducerOptions()
        options.batchBytes = min(options.batchBytes, settings.maximumBatchBytes)
        options.queueKilobytes = 16 * 1024
        options.queueRecords = 12_000
        return options
    }

    private static func now() -> UInt64 { UInt64(MonotonicInstant.now().nanoseconds) }

    /// - Returns: whether to quit.
    private func takeOrders() async throws(RedriveError) -> Bool {
        for order in mailbox.takeOrders() {
            switch order {
            case .assign(let assignment):
                dropBuffer()
                membership = assignment
                pacer.setShare(owned: assignment.partitions.count, of: assignment.partitionsOfTopic)
                machine.assign(assignment.partitions, epoch: assignment.epoch)
            case .release: machine.release()
            case .stop: machine.stop()
            case .quit: return true
            }
        }
        return false
    }

    private func perform(_ step: LaneStep) async throws(RedriveError) {
        switch step {
        case .idle: mailbox.wait(milliseconds: 100)
        case .openProducer: try openProducer()
        case .load(let partitions): try load(partitions)
        case .begin:
            try transact { publisher throws(KafkaError) in
                try publisher.producer.beginTransaction()
            } then: {
                $0.began()
            }
        case .fetch(let until): try await fetch(until: until)
        case .commit(let commit): try self.commit(commit)
        case .abort: try abort()
        case .released:
            dropBuffer()
            mailbox.report(.released)
        case .finished(let outcome):
            // What needed no commit counts only now.
            statistics.update(lane: index, tally: machine.tally, remaining: machine.remaining)
            mailbox.report(.finished(outcome))
            mailbox.wait(milliseconds: 100)
        case .failed(let failure): throw .lane(failure)
        }
    }

    // MARK: - Producer

    private func openProducer() throws(RedriveError) {
        if let old = publisher {
            _ = old.close(timeout: .seconds(5))
            publisher = nil
            statistics.change { $0.fencings += 1 }
        }
        do throws(KafkaError) {
            let id = settings.delivery == .exactlyOnce ? TransactionalID.make(settings, lane: index) : nil
            let producer = try KafkaProducer(settings.kafka, transactionalID: id, options: producerOptions)
            if id != nil { try producer.initTransactions(timeout: settings.patience) }
            publisher = Publisher(producer)
        } catch {
            throw .kafka(error)
        }
        machine.producerOpened()
    }

    private func abort() throws(RedriveError) {
        statistics.change { $0.aborts += 1 }
        dropBuffer()
        try transact { publisher throws(KafkaError) in
            try publisher.producer.abortTransaction(timeout: settings.patience)
        } then: {
            $0.aborted()
        }
        // A refusal may be reported only after the transaction has failed for it.
        for record in takeRefused() { machine.remember(record) }
    }

    /// Records that a broker will never take, however often they are sent; other failures are the transaction's.
    private func takeRefused() -> [LaneMachine.Unpublishable] {
        _ = try? publisher?.producer.poll(timeout: .zero)
        let all = failures + (publisher?.producer.takeFailures().failures ?? [])
        failures = []
        return all.filter { $0.error.kind == .messageTooLarge }.compactMap { RecordTag.record(of: $0.tag) }
    }

    private func abortQuietly() {
        guard settings.delivery == .exactlyOnce, let publisher else { return }
        try? publisher.producer.abortTransaction(timeout: .seconds(5))
    }

    /// Does one step of the transaction and reports it.
    private func transact(
        _ body: (Publisher) throws(KafkaError) -> Void, then done: (inout LaneMachine) -> Void
    ) throws(RedriveError) {
        guard let publisher else { return }
        do throws(KafkaError) {
            try body(publisher)
            done(&machine)
        } catch {
            try report(error)
        }
    }

    /// Tells the machine of a failed step, or throws where the lane can do nothing about it.
    private func report(_ error: KafkaError) throws(RedriveError) {
        let refused = takeRefused()
        guard refused.isEmpty else {
            for record in refused { machine.refused(record) }
            return
        }
        let error = publisher?.explain(error) ?? error
        guard let fault = TransactionFault(error) else { throw .kafka(error) }
        machine.transactionFailed(fault, now: Self.now())
    }

    // MARK: - Progress

    private func load(_ partitions: [Int32]) throws(RedriveError) {
        dropBuffer()
        let starts = try store.load(partitions)
        machine.loaded(starts)
        // All of them: with the buffer went records of partitions that were not loaded anew, and a gap where they were
        // would pass for done.
        let positions = machine.positions
        do throws(KafkaError) {
            try consumer.seek(
                positions.map { partition, offset in
                    PartitionOffset(TopicPartition(topic: settings.topic, partition: partition), offset: offset)
                }, timeout: settings.patience)
        } catch {
            // A partition that librdkafka does not fetch cannot be sought: one that was taken away meanwhile (the rebalance
            // that says so is under way), or that retention has overtaken.
            if error.kind != .other && error.kind != .unknownTopic && error.kind != .fenced { throw .kafka(error) }
            mailbox.report(.needsAssignment)
        }
    }

    private func commit(_ commit: RedriveCommit) throws(RedriveError) {
        guard let membership, membership.epoch == commit.epoch else {
            machine.transactionFailed(.generationFenced, now: Self.now())
            return
        }
        let offsets = commit.offsets.map { entry in
            PartitionOffset(
                TopicPartition(topic: settings.topic, partition: entry.partition), offset: entry.offset,
                metadata: entry.metadata.text)
        }
        let published = machine.pendingRecords
        let isFirst = !hasVerified && settings.delivery == .exactlyOnce && !commit.offsets.isEmpty
        try transact { publisher throws(KafkaError) in
            try send(commit.progress, with: publisher)
            switch settings.delivery {
            case .exactlyOnce:
                try publisher.producer.sendOffsets(offsets, group: membership.metadata, timeout: settings.patience)
                try publisher.producer.commitTransaction(timeout: settings.patience)
            case .atLeastOnce:
                try consumer.commit(offsets, timeout: settings.patience)
            }
        } then: {
            $0.committed(commit)
        }
        statistics.change { $0.transactions += 1 }
        statistics.update(lane: index, tally: machine.tally, remaining: machine.remaining)
        if isFirst, machine.transactionIsSettled { try verify(offsets, published: published) }
    }

    private func send(_ records: [ProgressRecord], with publisher: Publisher) throws(KafkaError) {
        if settings.delivery == .atLeastOnce { try flush(publisher) }
        if let topic = settings.progressTopic, !records.isEmpty {
            let handle = try publisher.topic(topic)
            let count = try consumer.partitionCount(of: topic, timeout: settings.patience)
            for record in records {
                let partition = KeyPartitioner.partition(of: record.key.owner.key, count: count)
                try handle.send(
                    OutgoingRecord(
                        partition: partition, key: Array(record.key.text.utf8),
                        value: record.value.map { ProgressCodec.encode($0, stamp: record.stamp) }))
            }
        }
        if settings.delivery == .atLeastOnce { try flush(publisher) }
    }

    private func flush(_ publisher: Publisher) throws(KafkaError) {
        try publisher.producer.flush(timeout: settings.patience)
        failures += publisher.producer.takeFailures().failures
        if let failure = failures.first { throw failure.error }
    }

    /// Some brokers say yes to every call of a transaction and keep nothing: reads the first commit back.
    private func verify(_ offsets: [PartitionOffset], published: Int64) throws(RedriveError) {
        hasVerified = true
        guard !consumer.assignmentLost else { return }
        do {
            let stored = try consumer.committed(offsets.map(\.partition), timeout: settings.patience)
            let kept = zip(offsets, stored).allSatisfy { sent, stored in
                stored.offset == sent.offset && stored.metadata == sent.metadata
            }
            // Another owner's commit would read differently, and be none of this one's business.
            if !kept, !consumer.assignmentLost { throw RedriveError.transactionsNotKept(published: published) }
        } catch {
            throw RedriveError(error, settings: settings)
        }
    }

    // MARK: - Records

    private func dropBuffer() {
        batch.reset()
        cursor = 0
    }

    private func fetch(until: UInt64) async throws(RedriveError) {
        do {
            if cursor >= batch.count {
                cursor = 0
                let left = until > Self.now() ? until - Self.now() : 0
                queue.poll(into: batch, timeout: .nanoseconds(Int64(min(left, 100_000_000))))
            }
            while let schema = try offerRecords(until: until) { try await processor.fetchSchema(schema) }
            waitForPace(until: until)
        } catch let error as KafkaError {
            try report(error)
        } catch {
            throw RedriveError(error, settings: settings)
        }
        statistics.update(lane: index, tally: machine.tally, remaining: machine.remaining)
    }

    /// Where a record waits for its time: until then, or until the transaction is due or an order arrives.
    private func waitForPace(until: UInt64) {
        guard !pacer.isUnlimited, cursor < batch.count, !machine.isFull else { return }
        let left = Int64(clamping: until) - MonotonicInstant.now().nanoseconds
        mailbox.wait(nanoseconds: max(0, min(pacer.untilDue ?? left, left)))
    }

    /// Offers the batch's records until it is used up, the transaction is full or due, or the pace says wait.
    ///
    /// - Returns: a schema without which the next record cannot be judged.
    private func offerRecords(until: UInt64) throws -> Int32? {
        var lastPublished: [Int32: Int] = [:]
        defer { note(lastPublished) }
        // Close enough for a transaction's age, and cheaper than to ask for every record.
        let offeredAt = Self.now()
        while cursor < batch.count, !machine.isFull {
            // Bodies that are fetched from their origin take milliseconds each: a whole batch of them would outlast the
            // transaction.
            if cursor & 0xF == 0, Self.now() >= until { return nil }
            switch batch.entry(cursor) {
            case .endOfPartition:
                machine.reachedEnd(partition: batch.partition(cursor), offset: batch.offset(cursor))
            case .error: try offerError(batch.error(cursor))
            case .record:
                switch try offerRecord(&lastPublished, at: offeredAt) {
                case .offered: break
                case .mustWait: return nil
                case .needsSchema(let id): return id
                }
            }
            cursor += 1
        }
        return nil
    }

    private func offerError(_ error: KafkaError?) throws {
        guard let error else { return }
        if error.kind == .offsetOutOfRange {
            mailbox.report(.needsAssignment)
        } else if error.isFatal || error.kind == .authorization || error.kind == .authentication {
            throw RedriveError.kafka(error)
        } else if !error.isRetriable, error.kind != .unknownTopic, let partition = error.partition {
            // A gap after this could be a record that could not be read: it must not pass for a marker.
            machine.unreadable(partition: partition, offset: error.offset ?? -1, reason: error.reason)
        }
    }

    private enum Offer {
        case offered
        /// The pace does not allow it yet.
        case mustWait
        case needsSchema(Int32)
    }

    private func offerRecord(_ lastPublished: inout [Int32: Int], at offeredAt: UInt64) throws -> Offer {
        let partition = batch.partition(cursor)
        let offset = batch.offset(cursor)
        guard machine.wants(partition: partition, offset: offset) else { return .offered }
        var verdict: Verdict
        switch try processor.judge(batch, cursor) {
        case .needsSchema(let id): return .needsSchema(id)
        case .verdict(let judged): verdict = judged
        }
        if !machine.unpublishable.isEmpty { verdict = machine.reconsidered(verdict, partition, offset) }
        if verdict != .skip, verdict != .reject, !pacer.take() { return .mustWait }
        let bytes = (batch.key(cursor)?.count ?? 0) + (batch.value(cursor)?.count ?? 0)
        let admission = machine.admit(
            partition: partition, offset: offset, verdict: verdict, bytes: bytes, now: offeredAt)
        guard admission == .publish, let publisher else { return .offered }
        var isParked = false
        if case .park = verdict { isParked = true }
        do throws(KafkaError) {
            try processor.publish(
                batch, cursor, verdict, with: publisher,
                tag: RecordTag.make(partition: partition, offset: offset, parked: isParked))
            lastPublished[partition] = cursor
        } catch {
            guard error.kind == .messageTooLarge || error.kind == .invalidRecord else { throw error }
            machine.refused(.init(partition: partition, offset: offset, byParking: isParked))
        }
        return .offered
    }

    /// One witness a partition and batch: enough to know the topic by.
    private func note(_ lastPublished: [Int32: Int]) {
        for (partition, index) in lastPublished {
            let witness = Witness(
                offset: batch.offset(index), timestamp: batch.timestamp(index).milliseconds,
                digest: digest.digest(key: batch.key(index), value: batch.value(index)))
            machine.note(witness, partition: partition)
        }
    }
}
