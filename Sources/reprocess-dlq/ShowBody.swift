import Avro
import CommandLine
import Events
import SchemaRegistry

/// What a record's body turned out to be.
enum ShowBody: Sendable {
    /// The record has none.
    case none
    /// Nobody looked: there is no registry.
    case notDecoded(schemaID: Int32?)
    /// Decoded: the schema's full name, and the values.
    case decoded(schemaID: Int32, schema: String, JSONValue, isCut: Bool)
    /// Why it cannot be decoded, and at which byte of the record's value.
    case undecodable(schemaID: Int32?, reason: String, at: Int?)

    /// How many values are shown at most.
    static let limit = 2_000

    /// Decodes a value with the schema that its framing names; asks the registry.
    static func read(_ value: [UInt8]?, registry: SchemaRegistryClient?, reveals: Bool) async throws -> ShowBody {
        guard let value else { return .none }
        let framing = value.withUnsafeBytes { bytes in
            Result { () throws(ConfluentFraming.Failure) in try ConfluentFraming.split(bytes).schemaID }
        }
        let id: Int32
        switch framing {
        case .failure(let failure): return .undecodable(schemaID: nil, reason: failure.description, at: 0)
        case .success(let found): id = found
        }
        guard let registry else { return .notDecoded(schemaID: id) }
        switch try await registry.lookup(id) {
        case .unknown: return .undecodable(schemaID: id, reason: "the registry knows no schema with id \(id)", at: 1)
        case .unusable(let error): return .undecodable(schemaID: id, reason: error.description, at: 1)
        case .schema(let registered): return decode(value, registered, reveals: reveals)
        }
    }

    private static func decode(_ value: [UInt8], _ registered: RegisteredSchema, reveals: Bool) -> ShowBody {
        let id = registered.id
        let schema: AvroSchema
        do throws(AvroSchemaError) {
            schema = try registered.parsed()
        } catch {
            return .undecodable(schemaID: id, reason: "schema \(id) cannot be read: \(error)", at: 1)
        }
        do throws(AvroDecodingError) {
            let decoded = try AvroDecoder(schema: schema).decode(Array(value.dropFirst(ConfluentFraming.headerSize)))
            var rendering = AvroRendering(schema: schema, reveals: reveals, limit: limit)
            let shown = rendering.render(decoded)
            let type = schema[schema.root].type
            return .decoded(
                schemaID: id, schema: type.named?.fullName ?? type.name, shown, isCut: rendering.isCut)
        } catch {
            return .undecodable(
                schemaID: id, reason: error.description, at: error.offset + ConfluentFraming.headerSize)
        }
    }
}

extension RegisteredSchema {
    /// The schema, its references resolved.
    fileprivate func parsed() throws(AvroSchemaError) -> AvroSchema {
        var parsed: [AvroSchema] = []
        for reference in references {
            parsed.append(try AvroSchema.parse(reference.text, references: parsed, defaults: .dropInvalid))
        }
        return try AvroSchema.parse(text, references: parsed, defaults: .dropInvalid)
    }
}
