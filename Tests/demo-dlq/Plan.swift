import Avro
import Events
import Kafka
import SchemaRegistry

/// All records of the demonstration. The same schema ids and the same moment give the same records, which is how the
/// check knows what has to be where.
struct Plan {
    /// One dead letter.
    struct Entry {
        let number: Int
        let story: Story
        let event: Event
        let origin: Origin
        let record: OutgoingRecord
    }

    static let partitions: Int32 = 6
    /// No registry gives out an id as high as this.
    private static let unknownSchemaID: Int32 = 900_000_001
    /// Coprime to the number of records: mixes the stories evenly through the topic.
    private static let stride = 787

    let entries: [Entry]

    /// Registers the schemas, or finds them registered.
    ///
    /// - Parameter moment: when the last record failed, in milliseconds since 1970.
    static func make(registry: SchemaRegistryClient, moment: Int64) async throws -> Plan {
        let encoders = try await EventEncoders(registry: registry)
        let stories = Story.all.flatMap { Array(repeating: $0, count: $0.count) }
        let entries = try stories.indices.map { number in
            try entry(number, stories[number * stride % stories.count], encoders, moment)
        }
        return Plan(entries: entries)
    }

    private static func entry(
        _ number: Int, _ story: Story, _ encoders: EventEncoders, _ moment: Int64
    ) throws -> Entry {
        // An incident: most records failed in the last hours, a few lie here for days.
        let age = Int64(number % 11 == 0 ? number * 150_000 : number * 7_000)
        let failedAt = moment - age
        // Nothing is demanded of the merchant of cache.invalidate.
        let event = Event(
            number: number, time: failedAt - 1_500, type: story.body == .invalidMerchant ? .pointsEarned : nil)
        guard
            let origin = Origin(
                topic: "\(event.type.topic)", partition: Int32(number % 12), offset: 1_000_000 + Int64(number) * 13)
        else { throw DemoError("record \(number) has no origin") }
        let merchant = story.body == .invalidMerchant ? "coffee-shop" : event.merchant
        let (id, body) = try encoders.encode(event, merchant: merchant)
        let trace = FailureHeaders.text(Self.traceHeader, "00-\(event.traceID)-00f067aa0ba902b7-01")
        let headers = FailureHeaders(event: event, origin: origin, story: story, failedAt: failedAt)
        return Entry(
            number: number, story: story, event: event, origin: origin,
            record: OutgoingRecord(
                key: Array(event.key.utf8), value: damaged(body, id, story.body), headers: [trace] + headers.list,
                timestamp: failedAt))
    }

    private static func damaged(_ body: [UInt8], _ id: Int32, _ damage: Story.Body) -> [UInt8] {
        switch damage {
        case .intact, .invalidMerchant: ConfluentFraming.make(schemaID: id, datum: body)
        case .truncated: ConfluentFraming.make(schemaID: id, datum: body.prefix(body.count / 3))
        case .hostile:
            ConfluentFraming.make(schemaID: id, datum: [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40])
        case .json: Array(#"{"points": "many"}"#.utf8)
        case .unknownSchema: ConfluentFraming.make(schemaID: unknownSchemaID, datum: body)
        }
    }

    static let traceHeader = "traceparent"
}

/// The demonstration cannot go on.
struct DemoError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
