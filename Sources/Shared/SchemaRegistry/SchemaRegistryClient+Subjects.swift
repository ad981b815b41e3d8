import HTTPClient

extension SchemaRegistryClient {
    /// All subjects, in the registry's order. Also the cheapest proof that the URL is a registry's.
    package func subjects() async throws(SchemaRegistryError) -> [String] {
        let call = RegistryCall(path: ["subjects"])
        return try transport.decode([String].self, call, try await transport.send(call))
    }

    /// The versions of `subject`, ascending; nil if there is no such subject.
    package func versions(of subject: String) async throws(SchemaRegistryError) -> [Int]? {
        try await optional([Int].self, RegistryCall(path: ["subjects", subject, "versions"]))
    }

    /// One version of `subject`; nil if there is no such subject or version.
    package func schema(
        subject: String, version: SchemaVersion = .latest
    ) async throws(SchemaRegistryError) -> SubjectVersion? {
        try await optional(VersionAnswer.self, RegistryCall(path: ["subjects", subject, "versions", version.text]))?
            .value
    }

    /// Registers `schema` under `subject` and returns its id. A schema that is registered there already keeps its id,
    /// so repeating it is harmless. Throws `incompatible` or `invalid` where the registry refuses the schema.
    package func register(
        subject: String, schema: String, references: [SchemaReference] = []
    ) async throws(SchemaRegistryError) -> Int32 {
        let body = SchemaQuestion(schema: schema, references: references).bytes
        let call = RegistryCall(method: .post, path: ["subjects", subject, "versions"], body: body)
        return try transport.decode(IDAnswer.self, call, try await transport.send(call)).id
    }

    /// The version of `subject` that holds exactly `schema`; nil if there is none.
    package func find(
        subject: String, schema: String, references: [SchemaReference] = []
    ) async throws(SchemaRegistryError) -> SubjectVersion? {
        let body = SchemaQuestion(schema: schema, references: references).bytes
        return try await optional(
            VersionAnswer.self, RegistryCall(method: .post, path: ["subjects", subject], body: body))?.value
    }

    /// Whether `schema` could follow `version` of `subject` under the subject's level; nil if there is no such version.
    package func checkCompatibility(
        subject: String, schema: String, references: [SchemaReference] = [], version: SchemaVersion = .latest
    ) async throws(SchemaRegistryError) -> CompatibilityVerdict? {
        let call = RegistryCall(
            method: .post, path: ["compatibility", "subjects", subject, "versions", version.text],
            query: [("verbose", "true")], body: SchemaQuestion(schema: schema, references: references).bytes)
        guard let answer = try await optional(CompatibilityAnswer.self, call) else { return nil }
        let messages = (answer.messages ?? []).prefix(20).map { printable($0, limit: 300) }
        return CompatibilityVerdict(isCompatible: answer.isCompatible, messages: messages)
    }

    /// The compatibility level of `subject`, its own or else the registry's; nil if the registry knows neither, or a
    /// level that is not one of Confluent's.
    package func compatibilityLevel(of subject: String) async throws(SchemaRegistryError) -> CompatibilityLevel? {
        let call = RegistryCall(path: ["config", subject], query: [("defaultToGlobal", "true")])
        let answer = try await optional(LevelAnswer.self, call)
        return answer.flatMap { CompatibilityLevel(rawValue: $0.compatibilityLevel) }
    }

    /// Sets the compatibility level of `subject`.
    package func setCompatibilityLevel(
        of subject: String, to level: CompatibilityLevel
    ) async throws(SchemaRegistryError) {
        let call = RegistryCall(
            method: .put, path: ["config", subject], body: LevelQuestion(compatibility: level.rawValue).bytes)
        _ = try transport.decode(LevelChange.self, call, try await transport.send(call))
    }

    /// An answer, or nil where the registry says that the thing asked for does not exist.
    private func optional<Answer: Decodable>(
        _ type: Answer.Type, _ call: RegistryCall
    ) async throws(SchemaRegistryError) -> Answer? {
        let response = try await transport.send(call)
        if response.status == 404, let code = ErrorAnswer(response)?.errorCode, RegistryCode.isMissing(code) {
            return nil
        }
        return try transport.decode(type, call, response)
    }
}
