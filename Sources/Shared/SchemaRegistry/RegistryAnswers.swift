import FoundationEssentials
import HTTPClient

/// `{"error_code": 40403, "message": "Schema not found"}`
struct ErrorAnswer: Decodable {
    let errorCode: Int
    let message: String?

    enum CodingKeys: String, CodingKey {
        case errorCode = "error_code"
        case message
    }

    /// Nil where the body is something else: a proxy's page, another service's error.
    init?(_ response: HTTPResponse) {
        guard let answer = try? JSONDecoder().decode(Self.self, from: Data(response.body)) else { return nil }
        self = answer
    }
}

/// The answer to a lookup by id.
struct SchemaAnswer: Decodable {
    let schema: String
    let schemaType: String?
    let references: [SchemaReference]?

    /// Confluent leaves the type out where it is Avro.
    var isAvro: Bool { (schemaType ?? "AVRO") == "AVRO" }
}

/// One version of a subject.
struct VersionAnswer: Decodable {
    let subject: String
    let version: Int
    let id: Int32
    let schema: String
    let schemaType: String?
    let references: [SchemaReference]?

    var isAvro: Bool { (schemaType ?? "AVRO") == "AVRO" }

    var value: SubjectVersion {
        SubjectVersion(subject: subject, version: version, id: id, text: schema, references: references ?? [])
    }
}

/// The answer to a registration.
struct IDAnswer: Decodable {
    let id: Int32
}

/// The answer to a compatibility check.
struct CompatibilityAnswer: Decodable {
    let isCompatible: Bool
    let messages: [String]?

    enum CodingKeys: String, CodingKey {
        case isCompatible = "is_compatible"
        case messages
    }
}

/// A compatibility level as it is read.
struct LevelAnswer: Decodable {
    let compatibilityLevel: String
}

/// A compatibility level as it is answered when it was set.
struct LevelChange: Decodable {
    let compatibility: String
}

/// The body of a registration, lookup or check.
struct SchemaQuestion: Encodable {
    let schema: String
    let schemaType = "AVRO"
    let references: [SchemaReference]?

    enum CodingKeys: String, CodingKey { case schema, schemaType, references }

    init(schema: String, references: [SchemaReference]) {
        self.schema = schema
        self.references = references.isEmpty ? nil : references
    }

    var bytes: [UInt8] { (try? JSONEncoder().encode(self)).map(Array.init) ?? [] }
}

/// The body that sets a level.
struct LevelQuestion: Encodable {
    let compatibility: String

    var bytes: [UInt8] { (try? JSONEncoder().encode(self)).map(Array.init) ?? [] }
}
