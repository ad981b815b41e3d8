import Kafka

/// Writes records.
enum Seed {
    static func run(_ records: [OutgoingRecord], _ kafka: KafkaConfiguration, topic: String) throws {
        let producer = try KafkaProducer(kafka, transactionalID: nil)
        let destination = try producer.topic(topic)
        for record in records { try destination.send(record) }
        try producer.flush(timeout: .seconds(30))
        let (failures, count) = producer.takeFailures()
        guard count == 0 else { throw DemoError("\(count) records were not taken: \(failures)") }
        producer.close(timeout: .seconds(5))
    }
}
