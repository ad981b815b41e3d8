import Kafka
import Lifecycle

/// The way of records from the queue through the verdict to the producer.
extension Lane {
    func dropBuffer() {
        batch.reset()
        cursor = 0
        judged = nil
        lastPublished.removeAll(keepingCapacity: true)
        bases.removeAll(keepingCapacity: true)
    }

    /// The slot of the partition that the entry at `index` is of.
    private func slot(_ index: Int) -> Int32 {
        guard settings.sources.names.count > 1 else { return batch.partition(index) }
        let topic = batch.topicIndex(index)
        while bases.count <= topic {
            // What is no source is none of the assigned partitions' topics, and its slots are nobody's.
            bases.append(settings.sources.base(of: batch.topicName(bases.count)) ?? .max / 2)
        }
        return bases[topic] + batch.partition(index)
    }

    func fetch(until: UInt64) async throws(RedriveError) {
        do {
            if cursor >= batch.count {
                noteWitnesses()
                dropBuffer()
                if queue.poll(into: batch, timeout: .zero) == 0 {
                    pacer.pass(index)
                    let left = until > Self.now() ? until - Self.now() : 0
                    queue.poll(into: batch, timeout: .nanoseconds(Int64(min(left, 100_000_000))))
                }
            }
            while let schema = try offerRecords(until: until) { try await processor.fetchSchema(schema) }
            if !waitForPace(until: until) { noteWitnesses() }
        } catch let error as KafkaError {
            try report(error)
        } catch {
            // The record in hand was not admitted; what was admitted before it is committed first.
            try end(with: RedriveError(error, settings: settings))
        }
        statistics.update(lane: index, tally: machine.tally, remaining: machine.remaining)
    }

    /// Where a record waits for its time: until then, or until the transaction is due or an order arrives.
    ///
    /// - Returns: whether that record may still join the transaction, so that no commit comes next.
    private func waitForPace(until: UInt64) -> Bool {
        guard !pacer.isUnlimited, cursor < batch.count, !machine.isFull else { return false }
        let now = MonotonicInstant.now()
        let left = Int64(clamping: until) - now.nanoseconds
        let due = pacer.untilDue(index)
        // The next record would come after the transaction's end, or others send now: the time until then is the commit's,
        // so that it delays no record.
        if machine.pendingRecords > 0, due.map({ $0 >= left }) ?? !pacer.hasTurn(index) {
            machine.close()
            return false
        }
        mailbox.wait(until: now.advanced(by: max(0, min(due ?? .max, left))))
        return Self.now() < until
    }

    /// Offers the batch's records until it is used up, the transaction is full or due, or the pace says wait.
    ///
    /// - Returns: a schema without which the next record cannot be judged.
    private func offerRecords(until: UInt64) throws -> Int32? {
        // Close enough for a transaction's age, and cheaper than to ask for every record.
        let offeredAt = Self.now()
        while cursor < batch.count, !machine.isFull {
            // Bodies that are fetched from their origin take milliseconds each: a whole batch of them would outlast the
            // transaction.
            if cursor & 0xF == 0, Self.now() >= until { return nil }
            switch batch.entry(cursor) {
            case .endOfPartition:
                machine.reachedEnd(partition: slot(cursor), offset: batch.offset(cursor))
            case .error: try offerError(batch.error(cursor))
            case .record:
                switch try offerRecord(at: offeredAt) {
                case .offered: break
                case .mustWait: return nil
                case .needsSchema(let id): return id
                }
            }
            cursor += 1
            judged = nil
        }
        return nil
    }

    private func offerError(_ error: KafkaError?) throws {
        guard let error else { return }
        if error.kind == .offsetOutOfRange {
            mailbox.report(.needsAssignment)
        } else if error.isFatal || error.kind == .authorization || error.kind == .authentication {
            throw RedriveError.kafka(error)
        } else if !error.isRetriable, error.kind != .unknownTopic, error.partition != nil {
            // A gap after this could be a record that could not be read: it must not pass for a marker.
            machine.unreadable(partition: slot(cursor), offset: error.offset ?? -1, reason: error.reason)
        }
    }

    private enum Offer {
        case offered
        /// The pace does not allow it yet.
        case mustWait
        case needsSchema(Int32)
    }

    private func offerRecord(at offeredAt: UInt64) throws -> Offer {
        let partition = slot(cursor)
        let offset = batch.offset(cursor)
        guard machine.wants(partition: partition, offset: offset) else { return .offered }
        let heedsRefusals = machine.heedsRefusals
        if heedsRefusals, machine.mustWait(partition: partition, offset: offset) { return .mustWait }
        var verdict: Verdict
        if let judged {
            verdict = judged
        } else {
            switch try processor.judge(batch, cursor) {
            case .needsSchema(let id): return .needsSchema(id)
            case .verdict(let found): verdict = found
            }
            judged = verdict
        }
        if heedsRefusals { verdict = machine.reconsidered(verdict, partition: partition, offset: offset) }
        if verdict.isPublished, !pacer.take(index, wanted: batch.count - cursor) { return .mustWait }
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
            let attempt = PublishAttempt(partition: partition, offset: offset, byParking: isParked)
            if error.kind == .messageTooLarge || error.kind == .invalidRecord {
                machine.refused(RefusedRecords(singly: [attempt]))
            } else {
                machine.undelivered([attempt])
                throw error
            }
        }
        return .offered
    }

    /// One witness a partition and commit, or batch: enough to know the topic by.
    func noteWitnesses() {
        for (partition, index) in lastPublished {
            let witness = Witness(
                offset: batch.offset(index), timestamp: batch.timestamp(index).milliseconds,
                digest: digest.digest(key: batch.key(index), value: batch.value(index)))
            machine.note(witness, partition: partition)
        }
        lastPublished.removeAll(keepingCapacity: true)
    }
}
