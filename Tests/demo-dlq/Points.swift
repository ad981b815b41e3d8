import Avro
import Events
import Kafka
import SchemaRegistry

/// Customers who earn points, for the server to award badges for: 120 of them, an event each, every twentieth of 2,000
/// points.
enum Points {
    static let count = 120
    /// Beyond the numbers of the dead letters, so that no event is one of theirs.
    private static let first = 10_000

    /// - Parameter moment: when the last event arises, in milliseconds since 1970.
    static func run(_ registry: SchemaRegistryClient, moment: Int64, _ kafka: KafkaConfiguration) async throws {
        let encoders = try await EventEncoders(registry: registry)
        let records = try (0..<count).map { index in
            let time = moment - Int64(count - 1 - index)
            let event = Event(
                number: first + index, time: time, type: .pointsEarned, points: index % 20 == 0 ? 2_000 : nil)
            let (id, datum) = try encoders.encode(event, merchant: event.merchant)
            return OutgoingRecord(
                key: Array(event.key.utf8), value: ConfluentFraming.make(schemaID: id, datum: datum), timestamp: time)
        }
        try Seed.run(records, kafka, topic: "\(EventType.pointsEarned.topic)")
    }
}
