/// A schema as the registry holds it under an id, with everything it refers to. Immutable; schema ids never change
/// their meaning.
package final class RegisteredSchema: Sendable {
    /// The id that stands in front of records (Confluent framing).
    package let id: Int32
    /// The schema's JSON text.
    package let text: String
    /// All schemas it refers to, directly or not, each once, every one after those that it needs itself.
    package let references: [ReferencedSchema]

    /// A schema of these parts.
    package init(id: Int32, text: String, references: [ReferencedSchema]) {
        self.id = id
        self.text = text
        self.references = references
    }

    /// What it costs to keep, in bytes, roughly.
    var cost: Int {
        references.reduce(text.utf8.count + 256) { $0 + $1.text.utf8.count + $1.reference.name.utf8.count + 256 }
    }
}

/// What the registry says about a schema id.
package enum SchemaLookup: Sendable {
    /// The schema.
    case schema(RegisteredSchema)
    /// The registry answered 404 with `error_code` 40403: nothing is registered under this id.
    case unknown(Int32)
    /// Something is registered, but it is no Avro schema that could be used: another schema type, or references that
    /// are missing, circular or too many. Asking again does not help.
    case unusable(SchemaRegistryError)
}

/// One version of a subject.
package struct SubjectVersion: Sendable, Hashable {
    /// The subject, such as `points.earned-value`.
    package let subject: String
    /// The version within the subject, 1 or more.
    package let version: Int
    /// The schema's id in the whole registry.
    package let id: Int32
    /// The schema's JSON text.
    package let text: String
    /// What the schema refers to, directly.
    package let references: [SchemaReference]
}

/// Which version of a subject is meant.
package enum SchemaVersion: Sendable, Hashable {
    /// The newest.
    case latest
    /// That number, 1 or more.
    case number(Int)

    var text: String {
        switch self {
        case .latest: "latest"
        case .number(let number): String(number)
        }
    }
}

/// Which schema changes a subject admits (Confluent's compatibility levels).
package enum CompatibilityLevel: String, Sendable, CaseIterable {
    case none = "NONE"
    case backward = "BACKWARD"
    case backwardTransitive = "BACKWARD_TRANSITIVE"
    case forward = "FORWARD"
    case forwardTransitive = "FORWARD_TRANSITIVE"
    case full = "FULL"
    case fullTransitive = "FULL_TRANSITIVE"
}

/// The registry's answer to a compatibility check.
package struct CompatibilityVerdict: Sendable, Hashable {
    /// Whether the schema could be registered.
    package let isCompatible: Bool
    /// Why not, where the registry says so; at most 20 messages of 300 bytes.
    package let messages: [String]
}
