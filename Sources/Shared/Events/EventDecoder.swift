package import Avro
package import SchemaRegistry

/// Decodes records' values as far as the tools need them, without allocation for a schema that it knows.
///
/// It never waits: where a schema is missing it says so, and the caller asks the registry and tells it. One thread at a
/// time; every lane has its own.
package struct EventDecoder: ~Copyable {
    /// How many schemas it keeps ready; beyond that the oldest are made again when they are met.
    package static let schemaLimit = 256

    private let registry: SchemaRegistryClient?
    /// By id; nil for a schema that cannot be read.
    private var schemas: [Int32: CompiledSchema?] = [:]
    private var order: [Int32] = []
    private var nextEviction = 0
    private var latest: (id: Int32, schema: CompiledSchema)?
    /// An answer that is not kept, because the registry may give another one later: good for one record.
    private var negative: (id: Int32, finding: Finding)?
    private var projected: AvroProjectedFields?

    /// - Parameter registry: Asked, from memory only, for schemas that this decoder does not know.
    package init(registry: SchemaRegistryClient? = nil) {
        self.registry = registry
    }

    /// Takes the registry's answer about a schema id, for the next `decode`.
    package mutating func learn(_ id: Int32, _ lookup: SchemaLookup) {
        switch lookup {
        case .schema(let registered): keep(id, CompiledSchema(registered))
        case .unusable: negative = (id, .unusable)
        case .unknown: negative = (id, .unknown)
        }
    }

    /// Decodes a record's value.
    ///
    /// The event's type is that of the origin topic, else of the header, else of the schema's name; see
    /// `docs/events.md`.
    ///
    /// - Parameters:
    ///   - value: The record's value; `nil` if it is null. Not kept.
    ///   - origin: The type of the events on the origin topic, if that is one of the five.
    ///   - header: What `gamification.event.type` says.
    package mutating func decode(
        _ value: UnsafeRawBufferPointer?, origin: EventType?, header: EventType?
    ) -> EventVerdict {
        guard let value else { return .noBody }
        let id: Int32
        let datum: UnsafeRawBufferPointer
        do throws(ConfluentFraming.Failure) {
            (id, datum) = try ConfluentFraming.split(value)
        } catch {
            return .malformed(.framing(error))
        }
        let schema: CompiledSchema
        switch find(id) {
        case .ready(let found): schema = found
        case .missing: return .needsSchema(id)
        case .unknown: return .unknownSchema(id)
        case .unusable: return .invalid(.unusableSchema, EventFields(schemaID: id, type: origin ?? header))
        }
        var fields = projected ?? schema.projection.makeFields()
        projected = nil
        do throws(AvroDecodingError) {
            try schema.projection.project(datum, into: &fields)
        } catch {
            projected = fields
            return .malformed(.datum(error, schemaID: id))
        }
        let event = EventFields(
            schemaID: id, type: origin ?? header ?? schema.type, projected: fields, datum: datum)
        projected = fields
        if let type = event.type, type != schema.type { return .invalid(.unexpectedSchema, event) }
        return event.missingID.map { .invalid($0, event) } ?? .event(event)
    }

    /// The whole body of the record last decoded, for conditions that look deeper; nil where it was not decoded. Takes
    /// memory and time by the body's size.
    package func body(of value: UnsafeRawBufferPointer) -> (value: AvroValue, schema: AvroSchema)? {
        guard let latest, let (id, datum) = try? ConfluentFraming.split(value), id == latest.id else { return nil }
        let schema = latest.schema.projection.schema
        return (try? AvroDecoder(schema: schema).decode(datum)).map { ($0, schema) }
    }

    private enum Finding {
        case ready(CompiledSchema)
        case missing
        case unknown
        case unusable
    }

    private mutating func find(_ id: Int32) -> Finding {
        if let latest, latest.id == id { return .ready(latest.schema) }
        if schemas[id] == nil {
            if negative?.id != id, let lookup = registry?.cached(id) { learn(id, lookup) }
            if let answer = negative, answer.id == id {
                negative = nil
                return answer.finding
            }
        }
        guard let known = schemas[id] else { return .missing }
        guard let schema = known else { return .unusable }
        latest = (id, schema)
        return .ready(schema)
    }

    private mutating func keep(_ id: Int32, _ schema: CompiledSchema?) {
        if latest?.id == id { latest = nil }
        guard schemas.updateValue(schema, forKey: id) == nil else { return }
        if order.count < Self.schemaLimit {
            order.append(id)
        } else {
            schemas.removeValue(forKey: order[nextEviction])
            order[nextEviction] = id
            nextEviction = (nextEviction + 1) % Self.schemaLimit
        }
    }
}
