import Avro
import CommandLine
import Kafka
import SchemaRegistry
import ToolKit
import Translations

/// Publishes `cache.invalidate` on Kafka. One thread at a time.
final class InvalidationPublisher: Sendable {
    private let producer: KafkaProducer
    private let topic: String
    private let encoder: AvroEncoder
    private let schemaID: Int32
    private let patience: Duration

    /// Looks for the topic (on a consumer handle: asked on a producer's, it would be created) and for the schema, which
    /// is registered where the registry does not have it.
    static func open(
        _ kafka: KafkaConfiguration, topic: String, registry: SchemaRegistryClient, patience: Duration
    ) async throws -> InvalidationPublisher {
        let reader = try KafkaConsumer(kafka, group: nil, isolation: .readCommitted)
        defer { reader.close(timeout: .seconds(5)) }
        guard try TopicSurvey.exists(topic, reader, patience) else {
            throw Refusal(
                .refused,
                "topic \(topic) does not exist, and nothing here creates topics: make it, or say --no-cache")
        }
        let subject = "\(topic)-value"
        let known = try await registry.find(subject: subject, schema: CacheInvalidateRecord.schemaText)
        let id: Int32
        if let known {
            id = known.id
        } else {
            id = try await registry.register(subject: subject, schema: CacheInvalidateRecord.schemaText)
        }
        return try InvalidationPublisher(kafka, topic: topic, schemaID: id, patience: patience)
    }

    private init(_ kafka: KafkaConfiguration, topic: String, schemaID: Int32, patience: Duration) throws {
        self.topic = topic
        self.schemaID = schemaID
        self.patience = patience
        encoder = AvroEncoder(schema: try AvroSchema.parse(CacheInvalidateRecord.schemaText))
        producer = try KafkaProducer(kafka, transactionalID: nil)
    }

    /// Publishes one record a group, and waits until all are acknowledged. Blocks.
    /// - Throws: `KafkaError`; some may have been published then.
    func publish(_ groups: [TranslationGroup]) throws {
        let now = TimeSource.milliseconds()
        do {
            let destination = try producer.topic(topic)
            for group in groups {
                let value = try CacheInvalidateRecord.value(group, encoder: encoder, schemaID: schemaID, now: now)
                try destination.send(
                    OutgoingRecord(key: CacheInvalidateRecord.key(group), value: value, timestamp: now),
                    timeout: patience)
            }
            try producer.flush(timeout: patience)
        } catch {
            // What is left in the queue must not be delivered when somebody has given up, or tried again.
            try? producer.purge()
            _ = producer.takeFailures()
            throw error
        }
        let (failures, count) = producer.takeFailures()
        guard let first = failures.first else { return }
        var error = first.error
        error.reason += " (\(count) of \(groups.count) records)"
        throw error
    }

    /// Ends the producer.
    func close() { producer.close(timeout: .seconds(5)) }
}
