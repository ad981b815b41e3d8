import Avro

/// A schema's mention of another one.
struct StoredReference: Hashable, Codable {
    let name: String
    let subject: String
    let version: Int
}

/// What is registered: schemas by id, subjects with their versions, and compatibility levels. Pure state.
struct RegistryStore {
    /// A schema with its one id.
    struct Stored {
        let id: Int32
        let text: String
        let references: [StoredReference]
        let schema: AvroSchema
        /// What makes two schemas the same: the JSON without its spelling, and the references.
        let identity: Identity
    }

    struct Identity: Hashable {
        let text: String
        let references: [StoredReference]
    }

    /// Why something was refused.
    enum Refusal: Error {
        case invalid(String)
        case incompatible([String])
    }

    /// Bounds the process: ids handed out at most.
    static let countLimit = 100_000

    private(set) var schemas: [Int32: Stored] = [:]
    private var ids: [Identity: Int32] = [:]
    private(set) var subjects: [String: [Int32]] = [:]
    var levels: [String: Compatibility] = [:]
    var globalLevel = Compatibility.backward

    /// The versions' schemas of a subject, the first is version 1; nil if there is no such subject.
    func versions(_ subject: String) -> [Stored]? {
        subjects[subject].map { $0.compactMap { schemas[$0] } }
    }

    /// The version of `subject` that holds exactly this schema.
    func find(_ subject: String, _ text: String, _ references: [StoredReference]) throws(Refusal) -> Int? {
        let identity = try parse(text, references).identity
        return versions(subject)?.firstIndex { $0.identity == identity }.map { $0 + 1 }
    }

    /// Registers a schema, or finds it, and returns its id.
    mutating func register(
        _ subject: String, _ text: String, _ references: [StoredReference]
    ) throws(Refusal) -> Int32 {
        let (schema, identity) = try parse(text, references)
        let existing = versions(subject) ?? []
        if let same = existing.first(where: { $0.identity == identity }) { return same.id }
        let obstacles = (levels[subject] ?? globalLevel).obstacles(schema, after: existing.map(\.schema))
        guard obstacles.isEmpty else { throw .incompatible(obstacles) }
        guard schemas.count < Self.countLimit else { throw .invalid("this stand-in holds no more schemas") }
        let id = ids[identity] ?? Int32(schemas.count + 1)
        if schemas[id] == nil {
            schemas[id] = Stored(id: id, text: text, references: references, schema: schema, identity: identity)
            ids[identity] = id
        }
        subjects[subject, default: []].append(id)
        return id
    }

    /// Why a schema could not follow the versions up to `version` of a subject.
    func check(
        _ subject: String, version: Int, _ text: String, _ references: [StoredReference]
    ) throws(Refusal) -> [String] {
        let schema = try parse(text, references).schema
        let level = levels[subject] ?? globalLevel
        return level.obstacles(schema, after: (versions(subject) ?? []).prefix(version).map(\.schema))
    }

    private func parse(
        _ text: String, _ references: [StoredReference]
    ) throws(Refusal) -> (schema: AvroSchema, identity: Identity) {
        var referenced: [AvroSchema] = []
        for reference in references {
            guard let versions = versions(reference.subject), versions.indices.contains(reference.version - 1) else {
                throw .invalid("reference \(reference.name): no version \(reference.version) of \(reference.subject)")
            }
            referenced.append(versions[reference.version - 1].schema)
        }
        do throws(AvroSchemaError) {
            let schema = try AvroSchema.parse(text, references: referenced)
            return (schema, Identity(text: PlainJSON.normalised(text), references: references))
        } catch {
            throw .invalid(error.description)
        }
    }
}

/// Confluent's compatibility levels.
enum Compatibility: String {
    case none = "NONE"
    case backward = "BACKWARD"
    case backwardTransitive = "BACKWARD_TRANSITIVE"
    case forward = "FORWARD"
    case forwardTransitive = "FORWARD_TRANSITIVE"
    case full = "FULL"
    case fullTransitive = "FULL_TRANSITIVE"

    /// Why `schema` may not follow the versions in `earlier`.
    func obstacles(_ schema: AvroSchema, after earlier: [AvroSchema]) -> [String] {
        let isTransitive = [.backwardTransitive, .forwardTransitive, .fullTransitive].contains(self)
        let isBackward = [.backward, .backwardTransitive, .full, .fullTransitive].contains(self)
        let isForward = [.forward, .forwardTransitive, .full, .fullTransitive].contains(self)
        var found: [String] = []
        for old in isTransitive ? earlier : earlier.suffix(1) {
            if isBackward { found += AvroCompatibility.reasons(reader: schema, cannotRead: old).map(\.description) }
            if isForward { found += AvroCompatibility.reasons(reader: old, cannotRead: schema).map(\.description) }
        }
        return found
    }
}
