import Avro
import SchemaRegistry

/// A registered schema, made ready to find an event's fields.
struct CompiledSchema: Sendable {
    /// The fields looked for, in the order in which a projection answers them.
    enum Field: Int, CaseIterable {
        case eventID, merchantID, customerID, createdAt, traceID, points

        var name: String {
            switch self {
            case .eventID: "event_id"
            case .merchantID: "merchant_id"
            case .customerID: "customer_id"
            case .createdAt: "created_at"
            case .traceID: "trace_id"
            case .points: "points"
            }
        }
    }

    let projection: AvroProjection
    /// Whose schema it is by its full name; `nil` for one that is not ours.
    let type: EventType?

    /// `nil` if the registry's text is no schema that can be read. Defaults that do not fit are no reason: a writer's
    /// schema does not use them.
    init?(_ registered: RegisteredSchema) {
        do throws(AvroSchemaError) {
            var references: [AvroSchema] = []
            for reference in registered.references {
                references.append(
                    try AvroSchema.parse(reference.text, references: references, defaults: .dropInvalid))
            }
            let schema = try AvroSchema.parse(registered.text, references: references, defaults: .dropInvalid)
            projection = AvroProjection(schema: schema, fields: Field.allCases.map(\.name))
            type = schema.record.flatMap { EventType(schemaName: $0.named.fullName) }
        } catch {
            return nil
        }
    }
}

extension EventType {
    /// The type whose events are written with the record schema of this full name.
    package init?(schemaName: String) {
        guard let match = Self.allCases.first(where: { $0.schemaName == schemaName }) else { return nil }
        self = match
    }

    /// The full name of the events' record schema.
    package var schemaName: String {
        switch self {
        case .pointsEarned: "gamification.v1.PointsEarned"
        case .customerUpdated: "gamification.v1.CustomerUpdated"
        case .badgeAwarded: "gamification.v1.BadgeAwarded"
        case .badgeTask: "gamification.v1.BadgeTask"
        case .cacheInvalidate: "gamification.v1.CacheInvalidate"
        }
    }
}
