import CRdKafka

extension KafkaConsumer {
    /// The group's committed offsets and their metadata, one entry a partition in the order asked; offset nil where
    /// nothing was ever committed. A `read_committed` consumer waits for offsets of open transactions (KIP-447).
    package func committed(
        _ partitions: [TopicPartition], timeout: Duration
    ) throws(KafkaError) -> [CommittedOffset] {
        let resources = try resources(.readCommitted)
        do throws(KafkaError) {
            return try resources.client.retrying(.readCommitted, until: Deadline(after: timeout)) {
                milliseconds throws(KafkaError) in
                let list = PartitionList(partitions)
                let code = rd_kafka_committed(resources.client.raw, list.raw, milliseconds)
                if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(.readCommitted, code: code) }
                if let error = list.firstError(.readCommitted) { throw error }
                return list.offsets.map {
                    CommittedOffset(
                        partition: $0.partition, offset: $0.offset >= 0 ? $0.offset : nil, metadata: $0.metadata)
                }
            }
        } catch {
            throw error.with(group: groupID)
        }
    }

    /// Commits offsets outside a transaction and waits for the answer.
    ///
    /// - Throws: `.fenced` where the group has moved on, `.configuration` where metadata is too long.
    package func commit(_ offsets: [PartitionOffset], timeout: Duration) throws(KafkaError) {
        let resources = try resources(.commit)
        guard let groupID else {
            throw KafkaError(.commit, kind: .configuration, reason: "this reader was made without a group")
        }
        try checkMetadata(offsets, .commit)
        let list = PartitionList(offsets)
        // The plain synchronous commit has no time-out; through a queue of its own it has.
        let queue = QueueHandle(of: resources.client)
        let code = rd_kafka_commit_queue(resources.client.raw, list.raw, queue.raw, nil, nil)
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(.commit, code: code).with(group: groupID) }
        guard let event = NativeEvent(from: queue, milliseconds: timeout.clampedMilliseconds) else {
            throw KafkaError(.commit, code: RD_KAFKA_RESP_ERR__TIMED_OUT).with(group: groupID)
        }
        if let error = event.error(.commit, of: resources.client) { throw error.with(group: groupID) }
        if let raw = rd_kafka_event_topic_partition_list(event.raw),
            let failed = UnsafeBufferPointer(start: raw.pointee.elems, count: Int(raw.pointee.cnt)).first(where: {
                $0.err != RD_KAFKA_RESP_ERR_NO_ERROR
            })
        {
            throw KafkaError(
                .commit, code: failed.err, topic: String(cString: failed.topic), partition: failed.partition
            ).with(group: groupID)
        }
    }

    /// Log start and high watermark, records of open transactions included.
    ///
    /// - Throws: `.configuration` on a `read_committed` consumer, which would be told the last stable offset.
    package func watermarks(of partition: TopicPartition, timeout: Duration) throws(KafkaError) -> Watermarks {
        guard isolation == .readUncommitted else { throw wrongIsolation(.readUncommitted) }
        let (low, high) = try bounds(of: partition, timeout: timeout)
        return Watermarks(logStart: low, highWatermark: high)
    }

    /// Log start and last stable offset: where a `read_committed` reader ends.
    ///
    /// - Throws: `.configuration` on a `read_uncommitted` consumer, which would be told the high watermark.
    package func stableBounds(of partition: TopicPartition, timeout: Duration) throws(KafkaError) -> StableBounds {
        guard isolation == .readCommitted else { throw wrongIsolation(.readCommitted) }
        let (low, high) = try bounds(of: partition, timeout: timeout)
        return StableBounds(logStart: low, lastStableOffset: high)
    }

    /// Where an assigned partition's log ended when the broker last answered a fetch of it (the high watermark), asked of
    /// nobody; nil before the first answer.
    package func fetchedEnd(of partition: TopicPartition) -> Int64? {
        guard let resources = try? resources(.readWatermarks) else { return nil }
        var (low, high): (Int64, Int64) = (0, 0)
        let code = rd_kafka_get_watermark_offsets(
            resources.client.raw, partition.topic, partition.partition, &low, &high)
        return code == RD_KAFKA_RESP_ERR_NO_ERROR && high >= 0 ? high : nil
    }

    /// For every partition the first offset whose record is at or after the time (milliseconds since 1970), nil where
    /// there is none. Times need not rise with offsets: this finds a place to start, never one to stop.
    package func offsets(
        at milliseconds: Int64, in partitions: [TopicPartition], timeout: Duration
    ) throws(KafkaError) -> [TopicPartition: Int64?] {
        let resources = try resources(.readOffsetsForTimes)
        return try resources.client.retrying(.readOffsetsForTimes, until: Deadline(after: timeout)) {
            remaining throws(KafkaError) in
            let list = PartitionList(partitions, offset: milliseconds)
            let code = rd_kafka_offsets_for_times(resources.client.raw, list.raw, remaining)
            if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(.readOffsetsForTimes, code: code) }
            if let error = list.firstError(.readOffsetsForTimes) {
                if let topic = error.topic {
                    resources.client.refreshLeaders(
                        of: topic, after: rd_kafka_resp_err_t(error.code), milliseconds: min(remaining, 1_000))
                }
                throw error
            }
            return Dictionary(
                list.offsets.map { ($0.partition, $0.offset >= 0 ? $0.offset : nil) }, uniquingKeysWith: { $1 })
        }
    }

    /// The offset after the last record that `pollRecords` gave for each partition; nil before the first one.
    package func positions(of partitions: [TopicPartition]) throws(KafkaError) -> [TopicPartition: Int64?] {
        let resources = try resources(.readPosition)
        let list = PartitionList(partitions)
        let code = rd_kafka_position(resources.client.raw, list.raw)
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(.readPosition, code: code) }
        return Dictionary(
            list.offsets.map { ($0.partition, $0.offset >= 0 ? $0.offset : nil) }, uniquingKeysWith: { $1 })
    }

    /// By the request for offsets by time, whose times -2 and -1 mean the beginning and the end. librdkafka's own query of
    /// watermarks forgets its time-out once it has asked a broker: one that dies then kept it waiting for three minutes.
    private func bounds(
        of partition: TopicPartition, timeout: Duration
    ) throws(KafkaError) -> (Int64, Int64) {
        let deadline = Deadline(after: timeout)
        let low = try bound(Int64(RD_KAFKA_OFFSET_BEGINNING), of: partition, until: deadline)
        return (low, try bound(Int64(RD_KAFKA_OFFSET_END), of: partition, until: deadline))
    }

    private func bound(
        _ which: Int64, of partition: TopicPartition, until deadline: Deadline
    ) throws(KafkaError) -> Int64 {
        let resources = try resources(.readWatermarks)
        return try resources.client.retrying(.readWatermarks, until: deadline) { milliseconds throws(KafkaError) in
            let list = PartitionList([partition], offset: which)
            let code = rd_kafka_offsets_for_times(resources.client.raw, list.raw, milliseconds)
            let failure =
                code != RD_KAFKA_RESP_ERR_NO_ERROR
                ? KafkaError(.readWatermarks, code: code, topic: partition.topic, partition: partition.partition)
                : list.firstError(.readWatermarks)
            if let failure {
                resources.client.refreshLeaders(
                    of: partition.topic, after: rd_kafka_resp_err_t(failure.code),
                    milliseconds: min(milliseconds, 1_000))
                throw failure
            }
            guard let offset = list.offsets.first?.offset, offset >= 0 else {
                throw KafkaError(
                    .readWatermarks, code: RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE, topic: partition.topic,
                    partition: partition.partition)
            }
            return offset
        }
    }

    private func wrongIsolation(_ needed: Isolation) -> KafkaError {
        KafkaError(
            .readWatermarks, kind: .configuration,
            reason: "this needs a \(needed.rawValue) consumer, and this one is \(isolation.rawValue)")
    }
}

/// What a group has committed for a partition.
package struct CommittedOffset: Hashable, Sendable {
    /// Whose offset it is.
    package var partition: TopicPartition
    /// The next offset to process; nil where nothing was committed, or the broker forgot it.
    package var offset: Int64?
    /// The text that was committed with it; nil where there is none.
    package var metadata: String?

    /// A committed offset of these parts.
    package init(partition: TopicPartition, offset: Int64?, metadata: String?) {
        self.partition = partition
        self.offset = offset
        self.metadata = metadata
    }
}

/// Refuses metadata that the broker would refuse, or that would come back changed.
func checkMetadata(_ offsets: [PartitionOffset], _ operation: KafkaOperation) throws(KafkaError) {
    for entry in offsets {
        guard let metadata = entry.metadata?.utf8 else { continue }
        guard metadata.count <= PartitionOffset.maximumMetadataLength, !metadata.contains(0) else {
            var error = KafkaError(
                operation, kind: .configuration,
                reason: "offset metadata is text of at most \(PartitionOffset.maximumMetadataLength) bytes without NUL")
            (error.topic, error.partition) = (entry.partition.topic, entry.partition.partition)
            throw error
        }
    }
}
