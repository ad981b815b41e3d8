package import Kafka

/// A producer and the handles of the topics it publishes to.
package final class Publisher {
    /// The lane's own; closed with this.
    package let producer: KafkaProducer
    private var topics: [String: ProducerTopic] = [:]
    /// The topic last asked for: mostly it is the next one too.
    private var last: ProducerTopic?

    /// Takes the producer over; topics are looked up when they are first published to.
    package init(_ producer: KafkaProducer) {
        self.producer = producer
    }

    /// The handle of a topic that is known to exist.
    package func topic(_ name: String) throws(KafkaError) -> ProducerTopic {
        if let last, last.name == name { return last }
        let topic: ProducerTopic
        if let known = topics[name] { topic = known } else { topic = try producer.topic(name) }
        topics[name] = topic
        last = topic
        return topic
    }

    /// What the open transaction failed of, where `error` says only that it has failed. Where it is not known for which
    /// topic a permission is missing, all that it may be for are named.
    package func explain(_ error: KafkaError) -> KafkaError {
        var error = error
        if producer.transactionalID != nil, error.name == "_STATE", let cause = producer.transactionFailure() {
            error = cause
        }
        if error.topic == nil, error.name == "TOPIC_AUTHORIZATION_FAILED" {
            let refused = producer.refusedTopics
            // Whichever call reports it: to write to them was refused.
            if !refused.isEmpty { error.operation = .produce }
            error.topic = (refused.isEmpty ? topics.keys.sorted() : refused).joined(separator: ", ")
        }
        return error
    }

    /// Lets go of the topics and closes the producer; false where it did not end in time.
    @discardableResult
    package func close(timeout: Duration) -> Bool {
        topics = [:]
        last = nil
        return producer.close(timeout: timeout)
    }
}
