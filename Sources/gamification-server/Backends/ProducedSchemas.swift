import SchemaRegistry
import Translations

/// The schemas of what the server produces, and their ids in the registry.
struct ProducedSchemas: Sendable, Equatable {
    /// One of them.
    struct Schema: Sendable {
        let topic: String
        let text: String
    }

    let badgeAwarded: Int32
    let badgeTask: Int32
    let cacheInvalidate: Int32
    let auditLog: Int32

    /// What is registered at the start.
    static let all = [
        Schema(topic: "badge.awarded", text: EventSchemas.badgeAwarded),
        Schema(topic: "badge.task", text: EventSchemas.badgeTask),
        Schema(topic: "cache.invalidate", text: CacheInvalidateRecord.schemaText),
        Schema(topic: "audit_log", text: EventSchemas.auditLog),
    ]

    /// Registers all schemas, each under its subject with compatibility BACKWARD.
    /// - Throws: `SchemaRegistryError`: the registry is away, or refuses one.
    static func register(_ registry: SchemaRegistryClient) async throws(SchemaRegistryError) -> ProducedSchemas {
        var ids: [Int32] = []
        for schema in all {
            let subject = "\(schema.topic)-value"
            if let known = try await registry.find(subject: subject, schema: schema.text) {
                ids.append(known.id)
            } else {
                ids.append(try await registry.register(subject: subject, schema: schema.text))
            }
            let level = try await registry.compatibilityLevel(of: subject)
            if level != .backward, level != .backwardTransitive, level != .full, level != .fullTransitive {
                try await registry.setCompatibilityLevel(of: subject, to: .backward)
            }
        }
        return ProducedSchemas(badgeAwarded: ids[0], badgeTask: ids[1], cacheInvalidate: ids[2], auditLog: ids[3])
    }
}
