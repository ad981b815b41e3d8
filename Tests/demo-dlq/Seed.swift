import Kafka

/// Writes the dead letters.
enum Seed {
    static func run(_ plan: Plan, _ kafka: KafkaConfiguration, topic: String) throws {
        let producer = try KafkaProducer(kafka, transactionalID: nil)
        let destination = try producer.topic(topic)
        for entry in plan.entries { try destination.send(entry.record) }
        try producer.flush(timeout: .seconds(30))
        let (failures, count) = producer.takeFailures()
        guard count == 0 else { throw DemoError("\(count) records were not taken: \(failures)") }
        producer.close(timeout: .seconds(5))
    }
}
