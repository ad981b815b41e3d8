package import Kafka

/// A producer and the handles of the topics it publishes to.
package final class Publisher {
    package let producer: KafkaProducer
    private var topics: [String: ProducerTopic] = [:]

    package init(_ producer: KafkaProducer) {
        self.producer = producer
    }

    /// The handle of a topic that is known to exist.
    package func topic(_ name: String) throws(KafkaError) -> ProducerTopic {
        if let known = topics[name] { return known }
        let topic = try producer.topic(name)
        topics[name] = topic
        return topic
    }

    /// Lets go of the topics and closes the producer; false where it did not end in time.
    func close(timeout: Duration) -> Bool {
        topics = [:]
        return producer.close(timeout: timeout)
    }
}
