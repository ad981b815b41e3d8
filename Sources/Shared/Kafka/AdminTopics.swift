import CRdKafka

/// A topic to be made.
package struct NewTopic: Hashable, Sendable {
    /// 1 to 249 of `a-z A-Z 0-9 . _ -`.
    package var name: String
    /// At least 1.
    package var partitions: Int32
    /// At least 1; nil takes the broker's default.
    package var replication: Int32?
    /// Topic settings such as `cleanup.policy`.
    package var settings: [String: String]

    /// A topic of these parts; what is wrong with them the broker says.
    package init(name: String, partitions: Int32, replication: Int32? = nil, settings: [String: String] = [:]) {
        self.name = name
        self.partitions = partitions
        self.replication = replication
        self.settings = settings
    }
}

extension KafkaAdmin {
    /// Makes topics. A broker may need a moment more until it knows them.
    ///
    /// - Parameter validateOnly: let the broker check the request and do nothing.
    /// - Returns: what went wrong, by topic: `.alreadyExists`, `.configuration`, `.authorization` and the like; empty when
    ///   all were made.
    package func createTopics(
        _ topics: [NewTopic], validateOnly: Bool = false, timeout: Duration
    ) throws(KafkaError) -> [String: KafkaError] {
        var native: [OpaquePointer?] = []
        defer { rd_kafka_NewTopic_destroy_array(&native, native.count) }
        for topic in topics { native.append(try Self.native(topic)) }
        return try request(
            .createTopics, RD_KAFKA_ADMIN_OP_CREATETOPICS, timeout: timeout
        ) { client, options, queue in
            rd_kafka_AdminOptions_set_validate_only(options, validateOnly ? 1 : 0, nil, 0)
            rd_kafka_CreateTopics(client, &native, native.count, options, queue)
        } read: { event throws(KafkaError) in
            var count = 0
            let results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count)
            return Self.failures(results, count, .createTopics)
        }
    }

    /// Deletes topics with all their records.
    ///
    /// - Returns: what went wrong, by topic.
    package func deleteTopics(_ topics: [String], timeout: Duration) throws(KafkaError) -> [String: KafkaError] {
        var native = topics.map { rd_kafka_DeleteTopic_new($0) }
        defer { rd_kafka_DeleteTopic_destroy_array(&native, native.count) }
        return try request(
            .deleteTopics, RD_KAFKA_ADMIN_OP_DELETETOPICS, timeout: timeout
        ) { client, options, queue in
            rd_kafka_DeleteTopics(client, &native, native.count, options, queue)
        } read: { event throws(KafkaError) in
            var count = 0
            let results = rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), &count)
            return Self.failures(results, count, .deleteTopics)
        }
    }

    /// Deletes what lies before the given offsets, as retention does.
    ///
    /// - Returns: the log start of each partition afterwards.
    package func deleteRecords(
        before offsets: [PartitionOffset], timeout: Duration
    ) throws(KafkaError) -> [TopicPartition: Int64] {
        let list = PartitionList(offsets)
        var native: [OpaquePointer?] = [rd_kafka_DeleteRecords_new(list.raw)]
        defer { rd_kafka_DeleteRecords_destroy_array(&native, native.count) }
        return try request(
            .deleteRecords, RD_KAFKA_ADMIN_OP_DELETERECORDS, timeout: timeout
        ) { client, options, queue in
            rd_kafka_DeleteRecords(client, &native, native.count, options, queue)
        } read: { event throws(KafkaError) in
            let result = rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event))
            let done = PartitionList(copying: result)
            guard let done else { return [:] }
            if let error = done.firstError(.deleteRecords) { throw error }
            return Dictionary(done.offsets.map { ($0.partition, $0.offset) }, uniquingKeysWith: { $1 })
        }
    }

    private static func native(_ topic: NewTopic) throws(KafkaError) -> OpaquePointer {
        var reason = [CChar](repeating: 0, count: 512)
        guard
            let native = rd_kafka_NewTopic_new(
                topic.name, topic.partitions, topic.replication ?? -1, &reason, reason.count)
        else {
            let text = String(cBuffer: reason)
            var error = KafkaError(.createTopics, kind: .configuration, reason: text)
            error.topic = topic.name
            throw error
        }
        for (name, value) in topic.settings.sorted(by: { $0.key < $1.key }) {
            rd_kafka_NewTopic_set_config(native, name, value)
        }
        return native
    }

    private static func failures(
        _ results: UnsafeMutablePointer<OpaquePointer?>?, _ count: Int, _ operation: KafkaOperation
    ) -> [String: KafkaError] {
        var failures: [String: KafkaError] = [:]
        for result in UnsafeBufferPointer(start: results, count: count) {
            let code = rd_kafka_topic_result_error(result)
            guard code != RD_KAFKA_RESP_ERR_NO_ERROR, let name = rd_kafka_topic_result_name(result) else { continue }
            let topic = String(cString: name)
            let reason = rd_kafka_topic_result_error_string(result).map { String(cString: $0) }
            failures[topic] = KafkaError(operation, code: code, reason: reason, topic: topic)
        }
        return failures
    }
}
