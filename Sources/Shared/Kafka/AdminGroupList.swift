import CRdKafka

extension KafkaAdmin {
    /// The consumer groups that this client may see, sorted. Brokers that do not answer are left out.
    package func groups(timeout: Duration) throws(KafkaError) -> [String] {
        try request(
            .listGroups, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS, timeout: timeout
        ) { client, options, queue in
            rd_kafka_ListConsumerGroups(client, options, queue)
        } read: { event throws(KafkaError) in
            var count = 0
            let groups = rd_kafka_ListConsumerGroups_result_valid(
                rd_kafka_event_ListConsumerGroups_result(event), &count)
            return UnsafeBufferPointer(start: groups, count: count).compactMap { group in
                group.flatMap { rd_kafka_ConsumerGroupListing_group_id($0) }.map { String(cString: $0) }
            }.sorted()
        }
    }
}
