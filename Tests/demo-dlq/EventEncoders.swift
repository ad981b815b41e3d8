import Avro
import Configuration
import Events
import SchemaRegistry

/// The schemas of all event types as the registry knows them.
struct EventEncoders {
    private let encoders: [EventType: (id: Int32, encoder: AvroEncoder)]

    /// Registers the schemas, or finds them registered.
    init(registry: SchemaRegistryClient) async throws {
        var encoders: [EventType: (id: Int32, encoder: AvroEncoder)] = [:]
        for type in EventType.allCases {
            let file = try BoundedFile.read("schemas/\(type.topic).avsc", limit: 1 << 20)
            let text = String(decoding: file.bytes, as: UTF8.self)
            let id = try await registry.register(subject: "\(type.topic)-value", schema: text)
            encoders[type] = (id, AvroEncoder(schema: try AvroSchema.parse(text)))
        }
        self.encoders = encoders
    }

    /// A schema's id and the bytes of a value by it.
    func encode(_ event: Event, merchant: String) throws -> (id: Int32, datum: [UInt8]) {
        guard let (id, encoder) = encoders[event.type] else { throw DemoError("\(event.type) has no schema") }
        return (id, try encoder.encode(event.value(merchant: merchant)))
    }
}
