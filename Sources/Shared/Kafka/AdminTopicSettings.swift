import CRdKafka

/// One effective setting of a topic.
package struct TopicSetting: Hashable, Sendable {
    /// As Kafka names it, such as `retention.ms`.
    package var name: String
    /// Nil where the broker does not show it.
    package var value: String?
    /// Not set on the topic itself, but inherited from the broker.
    package var isDefault: Bool

    /// A setting of these parts.
    package init(name: String, value: String?, isDefault: Bool) {
        self.name = name
        self.value = value
        self.isDefault = isDefault
    }
}

extension KafkaAdmin {
    /// The effective settings of topics, by topic and name: `retention.ms`, `max.message.bytes`,
    /// `message.timestamp.type` and so on.
    ///
    /// - Throws: `.unknownTopic` or `.authorization` for the first topic that cannot be described.
    package func topicSettings(
        _ topics: [String], timeout: Duration
    ) throws(KafkaError) -> [String: [String: TopicSetting]] {
        var native = topics.map { rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, $0) }
        defer { rd_kafka_ConfigResource_destroy_array(&native, native.count) }
        return try request(
            .describeConfigs, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeout: timeout
        ) { client, options, queue in
            rd_kafka_DescribeConfigs(client, &native, native.count, options, queue)
        } read: { event throws(KafkaError) in
            var count = 0
            let resources = rd_kafka_DescribeConfigs_result_resources(
                rd_kafka_event_DescribeConfigs_result(event), &count)
            var settings: [String: [String: TopicSetting]] = [:]
            for resource in UnsafeBufferPointer(start: resources, count: count) {
                guard let resource, let name = rd_kafka_ConfigResource_name(resource) else { continue }
                settings[String(cString: name)] = try Self.settings(of: resource, topic: String(cString: name))
            }
            return settings
        }
    }

    private static func settings(
        of resource: OpaquePointer, topic: String
    ) throws(KafkaError) -> [String: TopicSetting] {
        let code = rd_kafka_ConfigResource_error(resource)
        if code != RD_KAFKA_RESP_ERR_NO_ERROR {
            let reason = rd_kafka_ConfigResource_error_string(resource).map { String(cString: $0) }
            throw KafkaError(.describeConfigs, code: code, reason: reason, topic: topic)
        }
        var count = 0
        let entries = rd_kafka_ConfigResource_configs(resource, &count)
        var settings: [String: TopicSetting] = [:]
        for entry in UnsafeBufferPointer(start: entries, count: count) {
            guard let name = rd_kafka_ConfigEntry_name(entry).map({ String(cString: $0) }) else { continue }
            settings[name] = TopicSetting(
                name: name, value: rd_kafka_ConfigEntry_value(entry).map { String(cString: $0) },
                isDefault: rd_kafka_ConfigEntry_source(entry) != RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG)
        }
        return settings
    }
}
