import FoundationEssentials
import HTTPClient

/// Asks the registry for one schema id and everything its schema refers to.
struct SchemaFetch {
    let transport: RegistryTransport
    let limits: SchemaRegistryConfiguration.Limits

    func fetch(_ id: Int32) async throws(SchemaRegistryError) -> SchemaLookup {
        let call = RegistryCall(path: ["schemas", "ids", String(id)])
        let response = try await transport.send(call)
        if response.status == 404, ErrorAnswer(response)?.errorCode == RegistryCode.schemaNotFound {
            return .unknown(id)
        }
        let answer = try transport.decode(SchemaAnswer.self, call, response)
        guard answer.isAvro else {
            return .unusable(
                call.error(.notAvro, transport.base, response, detail: "schema type \(answer.schemaType ?? "")"))
        }
        var collected = Collected()
        if let problem = try await collect(answer.references ?? [], depth: 1, into: &collected, from: call) {
            return .unusable(problem)
        }
        return .schema(RegisteredSchema(id: id, text: answer.schema, references: collected.schemas))
    }

    private struct Collected {
        var schemas: [ReferencedSchema] = []
        var done: Set<SubjectAndVersion> = []
        var path: Set<SubjectAndVersion> = []
    }

    private struct SubjectAndVersion: Hashable {
        let subject: String
        let version: Int
    }

    /// Adds the references, each after its own; the return value says why they cannot be resolved.
    private func collect(
        _ references: [SchemaReference], depth: Int, into collected: inout Collected, from origin: RegistryCall
    ) async throws(SchemaRegistryError) -> SchemaRegistryError? {
        func problem(_ detail: String) -> SchemaRegistryError {
            SchemaRegistryError(.badReferences, request: origin.name(transport.base), detail: detail)
        }
        for reference in references {
            let key = SubjectAndVersion(subject: reference.subject, version: reference.version)
            if collected.done.contains(key) { continue }
            let label = "\(reference.subject) version \(reference.version)"
            guard depth <= limits.referenceDepth else {
                return problem("nested beyond \(limits.referenceDepth) levels")
            }
            guard collected.path.insert(key).inserted else { return problem("\(label) refers to itself") }
            guard collected.done.count + collected.path.count <= limits.referenceCount else {
                return problem("more than \(limits.referenceCount)")
            }
            let call = RegistryCall(path: ["subjects", reference.subject, "versions", String(reference.version)])
            let response = try await transport.send(call)
            if response.status == 404, let code = ErrorAnswer(response)?.errorCode, RegistryCode.isMissing(code) {
                return problem("\(label) is not registered")
            }
            let answer = try transport.decode(VersionAnswer.self, call, response)
            guard answer.isAvro else { return problem("\(label) is of type \(answer.schemaType ?? "")") }
            if let deeper = try await collect(
                answer.references ?? [], depth: depth + 1, into: &collected, from: origin)
            {
                return deeper
            }
            collected.path.remove(key)
            collected.done.insert(key)
            collected.schemas.append(ReferencedSchema(reference: reference, text: answer.schema))
        }
        return nil
    }
}

/// The registry's error codes that are answers.
enum RegistryCode {
    static let subjectNotFound = 40401
    static let versionNotFound = 40402
    static let schemaNotFound = 40403
    static let subjectLevelNotFound = 40408

    /// Whether a 404 with that code says that the thing asked for does not exist.
    static func isMissing(_ code: Int) -> Bool { (40401...40408).contains(code) }
}

extension RegistryTransport {
    /// The answer's JSON; throws what an answer with another status, or other content, means.
    func decode<Answer: Decodable>(
        _: Answer.Type, _ call: RegistryCall, _ response: HTTPResponse
    ) throws(SchemaRegistryError) -> Answer {
        guard response.status == 200 else { throw call.error(Self.kind(of: response), base, response) }
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(response.body)) else {
            throw call.error(.malformedAnswer, base, response, detail: "\(response.body.count) bytes of another form")
        }
        return answer
    }

    private static func kind(of response: HTTPResponse) -> SchemaRegistryError.Kind {
        switch response.status {
        case 401, 403: .notAuthorised
        case 404, 300..<400: .wrongPath
        case 409: .incompatible
        case 422: .invalid
        case 400..<500: .refused
        default: .malformedAnswer
        }
    }
}
