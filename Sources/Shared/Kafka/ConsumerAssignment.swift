import CRdKafka

extension KafkaConsumer {
    /// Reads these partitions from these offsets on; the answer to an `.assign` event, or, for a reader without a group,
    /// the choice itself. Replaces what was assigned.
    package func assign(_ offsets: [PartitionOffset]) throws(KafkaError) {
        let resources = try resources(.assign)
        for entry in offsets { try forward(entry.partition, resources.client, to: resources.records) }
        try apply(offsets, resources)
    }

    func apply(_ offsets: [PartitionOffset], _ resources: Resources) throws(KafkaError) {
        let list = PartitionList(offsets)
        let code = rd_kafka_assign(resources.client.raw, list.raw)
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(.assign, code: code).with(group: groupID) }
    }

    /// Stops reading; the answer to a `.revoke` event. Records not taken yet are dropped.
    package func unassign() throws(KafkaError) {
        let resources = try resources(.assign)
        let code = rd_kafka_assign(resources.client.raw, nil)
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(.assign, code: code).with(group: groupID) }
    }

    /// Goes on from other offsets of assigned partitions. When this returns, no record from before comes out of
    /// `pollRecords` any more; what a batch already holds is the caller's to drop.
    package func seek(_ offsets: [PartitionOffset], timeout: Duration) throws(KafkaError) {
        let resources = try resources(.seek)
        let list = PartitionList(offsets)
        let error = rd_kafka_seek_partitions(resources.client.raw, list.raw, timeout.clampedMilliseconds)
        if let error = KafkaError(.seek, consuming: error) { throw error.with(group: groupID) }
        if let error = list.firstError(.seek) { throw error }
    }

    /// Stops fetching these partitions. Records fetched ahead are thrown away and fetched again after `resume`; polls
    /// must go on meanwhile.
    package func pause(_ partitions: [TopicPartition]) throws(KafkaError) {
        let resources = try resources(.assign)
        let list = PartitionList(partitions)
        try check(.assign, rd_kafka_pause_partitions(resources.client.raw, list.raw), list)
    }

    /// Fetches these partitions again.
    package func resume(_ partitions: [TopicPartition]) throws(KafkaError) {
        let resources = try resources(.assign)
        let list = PartitionList(partitions)
        try check(.assign, rd_kafka_resume_partitions(resources.client.raw, list.raw), list)
    }

    /// What is assigned now.
    package func assignment() throws(KafkaError) -> [TopicPartition] {
        let resources = try resources(.assign)
        var raw: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?
        let code = rd_kafka_assignment(resources.client.raw, &raw)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let list = PartitionList(owning: raw) else {
            throw KafkaError(.assign, code: code)
        }
        return list.partitions
    }

    /// Whether the group has given this member's partitions away without asking: nothing of them can be committed.
    package var assignmentLost: Bool {
        guard let resources = try? resources(.assign) else { return true }
        return rd_kafka_assignment_lost(resources.client.raw) != 0
    }

    /// This consumer's membership at this moment; the one to commit with comes with the `.assign` event.
    package func groupMetadata() throws(KafkaError) -> GroupMetadata {
        let resources = try resources(.readGroupMetadata)
        let raw = rd_kafka_consumer_group_metadata(resources.client.raw)
        guard let groupID, let metadata = GroupMetadata(owning: raw, groupID: groupID) else {
            throw KafkaError(.readGroupMetadata, kind: .configuration, reason: "this reader was made without a group")
        }
        return metadata
    }

    /// Leads a partition's records to a private queue: before the assignment, so that none goes elsewhere.
    func forward(_ partition: TopicPartition, _ client: ClientHandle, to queue: QueueHandle) throws(KafkaError) {
        guard
            let raw = rd_kafka_queue_get_partition(client.raw, partition.topic, partition.partition)
        else {
            throw KafkaError(
                .assign, code: RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, topic: partition.topic,
                partition: partition.partition)
        }
        rd_kafka_queue_forward(raw, queue.raw)
        rd_kafka_queue_destroy(raw)
    }

    private func check(
        _ operation: KafkaOperation, _ code: rd_kafka_resp_err_t, _ list: borrowing PartitionList
    ) throws(KafkaError) {
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(operation, code: code) }
        if let error = list.firstError(operation) { throw error }
    }
}
