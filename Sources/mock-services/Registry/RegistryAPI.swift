import CommandLine

/// The subset of the Confluent REST API that this stand-in has, on a store of its own.
final class RegistryAPI {
    private var store = RegistryStore()

    private struct SchemaBody: Decodable {
        let schema: String
        let schemaType: String?
        let references: [StoredReference]?
    }

    private struct LevelBody: Decodable { let compatibility: String }

    /// Answers one request; `path` is below the API's base.
    func answer(_ request: MockRequest) -> MockReply {
        switch (request.method, request.path.first) {
        case (.get, nil): MockReply([:])
        case (_, "subjects"): subjects(request, Array(request.path.dropFirst()))
        case (_, "schemas"): schemas(request, Array(request.path.dropFirst()))
        case (_, "compatibility"): compatibility(request, Array(request.path.dropFirst()))
        case (_, "config"): config(request, Array(request.path.dropFirst()))
        default: .notFound
        }
    }

    private func subjects(_ request: MockRequest, _ path: [String]) -> MockReply {
        switch (request.method, path.count) {
        case (.get, 0): MockReply(.array(store.subjects.keys.sorted().map(JSONValue.string)))
        case (.post, 1): find(request, path[0])
        case (.get, 2) where path[1] == "versions": versions(path[0])
        case (.post, 2) where path[1] == "versions": register(request, path[0])
        case (.get, 3) where path[1] == "versions": version(path[0], path[2])
        case (_, 0...3): path.count > 1 && path[1] != "versions" ? .notFound : .badMethod
        default: .notFound
        }
    }

    private func schemas(_ request: MockRequest, _ path: [String]) -> MockReply {
        if path == ["types"] { return MockReply(["AVRO"]) }
        guard path.count == 2, path[0] == "ids" else { return .notFound }
        guard request.method == .get else { return .badMethod }
        guard let id = Int32(path[1]), let stored = store.schemas[id] else {
            return .error(404, 40403, "Schema \(path[1]) not found")
        }
        return MockReply(.object(Self.body(stored)))
    }

    private func versions(_ subject: String) -> MockReply {
        guard let versions = store.versions(subject) else { return Self.noSubject(subject) }
        return MockReply(.array(versions.indices.map { JSONValue($0 + 1) }))
    }

    private func version(_ subject: String, _ text: String) -> MockReply {
        guard let versions = store.versions(subject) else { return Self.noSubject(subject) }
        guard let number = Self.number(text, of: versions.count) else { return Self.badVersion }
        guard versions.indices.contains(number - 1) else { return Self.noVersion(text) }
        return Self.reply(subject, number, versions[number - 1])
    }

    private func register(_ request: MockRequest, _ subject: String) -> MockReply {
        withSchema(request) { body throws(RegistryStore.Refusal) in
            MockReply(["id": JSONValue(Int(try self.store.register(subject, body.schema, body.references ?? [])))])
        }
    }

    private func find(_ request: MockRequest, _ subject: String) -> MockReply {
        guard let versions = store.versions(subject) else { return Self.noSubject(subject) }
        return withSchema(request) { body throws(RegistryStore.Refusal) in
            guard let number = try self.store.find(subject, body.schema, body.references ?? []) else {
                return .error(404, 40403, "Schema not found")
            }
            return Self.reply(subject, number, versions[number - 1])
        }
    }

    private func compatibility(_ request: MockRequest, _ path: [String]) -> MockReply {
        guard path.count == 4, path[0] == "subjects", path[2] == "versions" else { return .notFound }
        guard request.method == .post else { return .badMethod }
        guard let versions = store.versions(path[1]) else { return Self.noSubject(path[1]) }
        guard let number = Self.number(path[3], of: versions.count) else { return Self.badVersion }
        guard versions.indices.contains(number - 1) else { return Self.noVersion(path[3]) }
        return withSchema(request) { body throws(RegistryStore.Refusal) in
            let found = try self.store.check(path[1], version: number, body.schema, body.references ?? [])
            var members = [JSONValue.Member("is_compatible", .bool(found.isEmpty))]
            if request.query["verbose"] == "true" {
                members.append(JSONValue.Member("messages", .array(found.map(JSONValue.string))))
            }
            return MockReply(.object(members))
        }
    }

    private func config(_ request: MockRequest, _ path: [String]) -> MockReply {
        guard path.count <= 1 else { return .notFound }
        switch request.method {
        case .get:
            let own = path.first.map { store.levels[$0] } ?? store.globalLevel
            guard let level = own ?? (request.query["defaultToGlobal"] == "true" ? store.globalLevel : nil) else {
                return .error(404, 40408, "Subject '\(path[0])' does not have subject-level compatibility configured")
            }
            return MockReply(["compatibilityLevel": .string(level.rawValue)])
        case .put:
            guard let body = request.decoded(LevelBody.self) else { return Self.badBody }
            guard let level = Compatibility(rawValue: body.compatibility) else {
                return .error(422, 42203, "Invalid compatibility level")
            }
            if let subject = path.first { store.levels[subject] = level } else { store.globalLevel = level }
            return MockReply(["compatibility": .string(level.rawValue)])
        default: return .badMethod
        }
    }

    private func withSchema(
        _ request: MockRequest, _ body: (SchemaBody) throws(RegistryStore.Refusal) -> MockReply
    ) -> MockReply {
        guard let schema = request.decoded(SchemaBody.self) else { return Self.badBody }
        guard (schema.schemaType ?? "AVRO") == "AVRO" else {
            return .error(422, 42201, "Invalid schema type, this stand-in takes AVRO only")
        }
        do throws(RegistryStore.Refusal) {
            return try body(schema)
        } catch {
            switch error {
            case .invalid(let reason): return .error(422, 42201, "Invalid schema: \(reason)")
            case .incompatible(let reasons):
                return .error(409, 409, "Schema being registered is incompatible: \(reasons.joined(separator: "; "))")
            }
        }
    }

    private static func body(_ stored: RegistryStore.Stored) -> [JSONValue.Member] {
        var members = [JSONValue.Member("schema", .string(stored.text))]
        if !stored.references.isEmpty {
            let references = stored.references.map { reference in
                JSONValue.object([
                    .init("name", .string(reference.name)), .init("subject", .string(reference.subject)),
                    .init("version", JSONValue(reference.version)),
                ])
            }
            members.append(.init("references", .array(references)))
        }
        return members
    }

    private static func reply(_ subject: String, _ number: Int, _ stored: RegistryStore.Stored) -> MockReply {
        MockReply(
            .object(
                [
                    .init("subject", .string(subject)), .init("version", JSONValue(number)),
                    .init("id", JSONValue(Int(stored.id))),
                ] + body(stored)))
    }

    /// A version by number or as `latest`; nil if it is neither.
    private static func number(_ text: String, of count: Int) -> Int? {
        text == "latest" || text == "-1" ? count : Int(text).flatMap { $0 > 0 ? $0 : nil }
    }

    private static let badBody = MockReply.error(422, 422, "Unrecognized request body")
    private static let badVersion = MockReply.error(
        422, 42202, "The specified version is not a valid version id; allowed are 1 to 2147483647 and \"latest\"")
    private static func noSubject(_ name: String) -> MockReply { .error(404, 40401, "Subject '\(name)' not found.") }
    private static func noVersion(_ text: String) -> MockReply { .error(404, 40402, "Version \(text) not found.") }
}
