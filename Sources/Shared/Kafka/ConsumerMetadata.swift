import CRdKafka

extension KafkaConsumer {
    /// How many partitions a topic has. Never creates the topic.
    ///
    /// - Throws: `.unknownTopic` where there is none.
    package func partitionCount(of topic: String, timeout: Duration) throws(KafkaError) -> Int32 {
        let resources = try resources(.readMetadata)
        return try resources.client.retrying(.readMetadata, until: Deadline(after: timeout)) {
            milliseconds throws(KafkaError) in
            try resources.client.partitionCount(of: topic, milliseconds: milliseconds)
        }
    }

    /// The partitions of a topic, from 0. Never creates the topic.
    package func partitions(of topic: String, timeout: Duration) throws(KafkaError) -> [TopicPartition] {
        (0..<(try partitionCount(of: topic, timeout: timeout))).map { TopicPartition(topic: topic, partition: $0) }
    }

    /// The cluster's id.
    package func clusterID(timeout: Duration) throws(KafkaError) -> String {
        try resources(.readClusterID).client.clusterID(timeout: timeout)
    }
}

extension ClientHandle {
    func clusterID(timeout: Duration) throws(KafkaError) -> String {
        try retrying(.readClusterID, until: Deadline(after: timeout)) { milliseconds throws(KafkaError) in
            guard let id = rd_kafka_clusterid(raw, milliseconds) else {
                throw KafkaError(.readClusterID, code: RD_KAFKA_RESP_ERR__TIMED_OUT)
            }
            defer { rd_kafka_mem_free(raw, id) }
            return String(cString: id)
        }
    }

    /// Where an answer says that a partition is led by another broker: librdkafka would go on asking the one that it has
    /// cached, for minutes. Only for consumers.
    func refreshLeaders(of topic: String, after code: rd_kafka_resp_err_t, milliseconds: Int32) {
        switch code {
        case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
            RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH, RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH,
            RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE,
            RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__TIMED_OUT:
            // What is wrong with this will show when the question itself is asked again.
            _ = try? partitionCount(of: topic, milliseconds: milliseconds)
        default: break
        }
    }

    /// One try. Only for consumers: asked through a producer's handle a broker may create the topic.
    fileprivate func partitionCount(of topic: String, milliseconds: Int32) throws(KafkaError) -> Int32 {
        guard let handle = rd_kafka_topic_new(raw, topic, nil) else {
            throw KafkaError(.readMetadata, code: RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, topic: topic)
        }
        defer { rd_kafka_topic_destroy(handle) }
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let code = rd_kafka_metadata(raw, 0, handle, &metadata, milliseconds)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else {
            throw KafkaError(.readMetadata, code: code, topic: topic)
        }
        defer { rd_kafka_metadata_destroy(metadata) }
        guard metadata.pointee.topic_cnt > 0, let entry = metadata.pointee.topics?.pointee else {
            throw KafkaError(.readMetadata, code: RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, topic: topic)
        }
        if entry.err != RD_KAFKA_RESP_ERR_NO_ERROR {
            throw KafkaError(.readMetadata, code: entry.err, topic: topic)
        }
        return entry.partition_cnt
    }
}
