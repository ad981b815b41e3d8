import CRdKafka

/// A topic to produce to: looked up once, then used for every record.
///
/// Check that the topic exists through a consumer first: some brokers create what a producer asks for.
package final class ProducerTopic: Sendable {
    /// The topic's name.
    package let name: String
    // rd_kafka_topic_t is as thread-safe as its client; the pointer never changes.
    nonisolated(unsafe) let raw: OpaquePointer
    let client: ClientHandle

    init(_ name: String, client: ClientHandle) throws(KafkaError) {
        guard let raw = rd_kafka_topic_new(client.raw, name, nil) else {
            throw KafkaError(.produce, code: RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, topic: name)
        }
        self.name = name
        self.raw = raw
        self.client = client
    }

    deinit {
        rd_kafka_topic_destroy(raw)
    }
}
