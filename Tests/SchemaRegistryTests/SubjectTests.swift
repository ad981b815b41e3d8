import SchemaRegistry
import TestSupport
import Testing

/// What every registry must do the same way; run against the stand-in and against a real one.
enum SubjectChecks {
    /// Subjects are unique to a call, so that checks can share one registry.
    static func registerAndFind(_ url: String) async throws {
        let client = try registryClient(url)
        let subject = "find/\(UInt64.random(in: 0 ... .max)) x"
        #expect(try await client.versions(of: subject) == nil)
        #expect(try await client.schema(subject: subject) == nil)
        #expect(try await client.find(subject: subject, schema: SampleSchema.record) == nil)
        let id = try await client.register(subject: subject, schema: SampleSchema.record)
        #expect(try await client.register(subject: subject, schema: SampleSchema.record) == id)
        #expect(try await client.subjects().contains(subject))
        #expect(try await client.versions(of: subject) == [1])
        let found = try #require(try await client.find(subject: subject, schema: SampleSchema.record))
        #expect(found.id == id && found.version == 1 && found.subject == subject)
        #expect(try await client.find(subject: subject, schema: SampleSchema.incompatible) == nil)
        #expect(try await client.schema(subject: subject, version: .number(1))?.id == id)
        #expect(try await client.schema(subject: subject, version: .number(2)) == nil)
        let wider = try await client.register(subject: subject, schema: SampleSchema.wider)
        #expect(wider != id)
        #expect(try await client.schema(subject: subject)?.id == wider)
        guard case .schema(let schema) = try await client.lookup(wider) else { throw TestSupportError("no schema") }
        #expect(schema.text.contains(#""b""#))
        guard case .unknown = try await client.lookup(2_000_000_000) else { throw TestSupportError("not unknown") }
    }

    static func compatibility(_ url: String) async throws {
        let client = try registryClient(url)
        let subject = "level-\(UInt64.random(in: 0 ... .max))"
        _ = try await client.register(subject: subject, schema: SampleSchema.record)
        try await client.setCompatibilityLevel(of: subject, to: .backward)
        #expect(try await client.compatibilityLevel(of: subject) == .backward)
        let fine = try await client.checkCompatibility(subject: subject, schema: SampleSchema.wider)
        #expect(fine?.isCompatible == true)
        let wrong = try await client.checkCompatibility(subject: subject, schema: SampleSchema.incompatible)
        #expect(wrong?.isCompatible == false)
        let error = await #expect(throws: SchemaRegistryError.self) {
            try await client.register(subject: subject, schema: SampleSchema.incompatible)
        }
        #expect(error?.kind == .incompatible && error?.status == 409)
        try await client.setCompatibilityLevel(of: subject, to: .none)
        _ = try await client.register(subject: subject, schema: SampleSchema.incompatible)
    }

    static func invalidSchema(_ url: String) async throws {
        let error = await #expect(throws: SchemaRegistryError.self) {
            try await registryClient(url).register(subject: "broken", schema: SampleSchema.broken)
        }
        #expect(error?.kind == .invalid && error?.status == 422 && error?.errorCode == 42201)
    }

    static func references(_ url: String) async throws {
        let client = try registryClient(url)
        let subject = "money-\(UInt64.random(in: 0 ... .max))"
        _ = try await client.register(
            subject: subject, schema: #"{"type":"fixed","name":"Money","namespace":"n","size":8}"#)
        let reference = SchemaReference(name: "n.Money", subject: subject, version: 1)
        let text = #"{"type":"record","name":"Bill","namespace":"n","fields":[{"name":"sum","type":"n.Money"}]}"#
        let id = try await client.register(subject: subject + "-bill", schema: text, references: [reference])
        guard case .schema(let schema) = try await client.lookup(id) else { throw TestSupportError("no schema") }
        #expect(schema.references.map(\.reference) == [reference])
        #expect(schema.references.first?.text.contains("Money") == true)
    }

    /// The base URL without its last path segment is not the API's.
    static func wrongPath(_ url: String) async throws {
        let wrong = url.split(separator: "/").dropLast().joined(separator: "/").replacing(":/", with: "://")
        let client = try registryClient(wrong)
        let error = await #expect(throws: SchemaRegistryError.self) { try await client.lookup(1) }
        #expect(error?.kind == .wrongPath && error?.request == "GET \(wrong)/schemas/ids/1")
        await #expect(throws: SchemaRegistryError.self) { try await client.subjects() }
        await #expect(throws: SchemaRegistryError.self) { try await client.versions(of: "s") }
    }
}

@Suite struct SubjectTests {
    private func url() async throws -> (String, StandIns) {
        let services = try await StandIns(["--registry-path", "/apis/ccompat/v7"])
        return (services.registryURL, services)
    }

    @Test(arguments: [
        SubjectChecks.registerAndFind, SubjectChecks.compatibility, SubjectChecks.invalidSchema,
        SubjectChecks.references, SubjectChecks.wrongPath,
    ])
    func check(body: @Sendable (String) async throws -> Void) async throws {
        let (url, services) = try await url()
        try await body(url)
        #expect(services.process.isRunning)
    }
}

@Suite(ScratchRegistry.requirement, .timeLimit(.minutes(3)))
struct RealRegistryTests {
    @Test(arguments: [
        SubjectChecks.registerAndFind, SubjectChecks.compatibility, SubjectChecks.invalidSchema,
        SubjectChecks.references, SubjectChecks.wrongPath,
    ])
    func check(body: @Sendable (String) async throws -> Void) async throws {
        try await body(try await ScratchRegistry.shared().url)
    }

    @Test func aFrozenRegistryTimesOutAndRecovers() async throws {
        let registry = try await ScratchRegistry.start()
        let client = try registryClient(registry.url, attempts: 1) { $0.retry.attemptTimeout = .milliseconds(500) }
        registry.freeze()
        let error = await #expect(throws: SchemaRegistryError.self) { try await client.lookup(1) }
        #expect(error?.kind == .unreachable)
        registry.thaw()
        let patient = try registryClient(registry.url, attempts: 20)
        guard case .unknown = try await patient.lookup(1) else { throw TestSupportError("not unknown") }
    }
}
