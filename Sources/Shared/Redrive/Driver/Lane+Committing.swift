import Kafka

/// What a commit sends, and in which order.
extension Lane {
    func commit(_ commit: RedriveCommit) throws(RedriveError) {
        guard let membership, membership.epoch == commit.epoch else {
            machine.transactionFailed(.generationFenced, now: Self.now())
            return
        }
        let offsets = commit.offsets.map { entry in
            PartitionOffset(
                settings.sources.place(of: entry.partition), offset: entry.offset,
                metadata: entry.metadata.text)
        }
        if settings.delivery == .atLeastOnce, try !deliver() { return }
        let published = machine.pendingRecords
        if published > 0, let publisher {
            do {
                try processor.beforeCommit(with: publisher)
            } catch let error as KafkaError {
                return try report(error)
            } catch {
                throw RedriveError(error, settings: settings)
            }
        }
        let isFirst = !hasVerified && settings.delivery == .exactlyOnce && !commit.offsets.isEmpty
        try transact { publisher throws(KafkaError) in
            try send(commit.progress, with: publisher)
            switch settings.delivery {
            case .exactlyOnce:
                // What is left of the records is under way while the offsets are added.
                try publisher.producer.hurry()
                try patience.spend { timeout throws(KafkaError) in
                    try publisher.producer.sendOffsets(offsets, group: membership.metadata, timeout: timeout)
                }
                try patience.spend { timeout throws(KafkaError) in
                    try publisher.producer.commitTransaction(timeout: timeout)
                }
            case .atLeastOnce:
                try patience.spend { timeout throws(KafkaError) in try consumer.commit(offsets, timeout: timeout) }
            }
        } then: {
            $0.committed(commit)
        }
        statistics.change { $0.transactions += 1 }
        statistics.update(lane: index, tally: machine.tally, remaining: machine.remaining)
        if isFirst, machine.transactionIsSettled { try verify(offsets, published: published) }
    }

    /// Outside a transaction: waits until all that was published is acknowledged.
    ///
    /// - Returns: false where some of it was not, so that another commit is due.
    private func deliver() throws(RedriveError) -> Bool {
        guard let publisher else { return false }
        do throws(KafkaError) {
            try patience.spend { timeout throws(KafkaError) in try publisher.producer.flush(timeout: timeout) }
        } catch {
            try report(error)
            return false
        }
        return try !takeBackUndelivered(publisher)
    }

    private func send(_ records: [ProgressRecord], with publisher: Publisher) throws(KafkaError) {
        if let topic = settings.progressTopic, !records.isEmpty {
            let handle = try publisher.topic(topic)
            // Not asked of the broker: behind the consumer's fetches the answer would wait for as long as they do.
            let count = try store.progressPartitionCount(of: topic)
            for record in records {
                let partition = KeyPartitioner.partition(of: record.key.owner.key, count: count)
                try handle.send(
                    OutgoingRecord(
                        partition: partition, key: Array(record.key.text.utf8),
                        value: record.value.map { ProgressCodec.encode($0, stamp: record.stamp) }))
            }
        }
        guard settings.delivery == .atLeastOnce else { return }
        try patience.spend { timeout throws(KafkaError) in try publisher.producer.flush(timeout: timeout) }
        if let failure = publisher.producer.takeFailures().failures.first { throw failure.error }
    }

    /// Some brokers say yes to every call of a transaction and keep nothing: reads the first commit back.
    private func verify(_ offsets: [PartitionOffset], published: Int64) throws(RedriveError) {
        hasVerified = true
        guard !consumer.assignmentLost else { return }
        do {
            let stored = try patience.spend { timeout throws(KafkaError) in
                try consumer.committed(offsets.map(\.partition), timeout: timeout)
            }
            let kept = zip(offsets, stored).allSatisfy { sent, stored in
                stored.offset == sent.offset && stored.metadata == sent.metadata
            }
            // Another owner's commit would read differently, and be none of this one's business.
            if !kept, !consumer.assignmentLost { throw RedriveError.transactionsNotKept(published: published) }
        } catch {
            throw RedriveError(error, settings: settings)
        }
    }
}
