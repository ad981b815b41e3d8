import Avro
import HTTPClient
import SchemaRegistry
import TestSupport

/// The project's stand-in for a schema registry, and events with its schemas.
final class Registry: Sendable {
    static let merchant = "7a9d0c8e-0b5f-4a53-9d0c-000000000001"
    let url: String
    private let points: (id: Int32, text: String)
    private let process: ChildProcess

    init() async throws {
        process = try ChildProcess([try ProcessRunner.builtBinary("mock-services"), "--exit-with-parent"])
        let lines = try await process.waitForOutput { $0.contains("READY") }.split(separator: "\n")
        let name = "SCHEMA_REGISTRY_URL="
        guard let line = lines.first(where: { $0.hasPrefix(name) }) else { throw TestSupportError("\(lines)") }
        url = String(line.dropFirst(name.utf8.count))
        let text = try readText("\(ServiceHome.packageRoot)/schemas/points.earned.avsc")
        let client = SchemaRegistryClient(SchemaRegistryConfiguration(baseURL: try HTTPURL(url)))
        points = (try await client.register(subject: "points.earned-value", schema: text), text)
    }

    /// The `number`th event: of its own id, of one of three customers, worth `number` points.
    func event(_ number: Int) throws -> [UInt8] {
        let datum = try AvroEncoder(schema: AvroSchema.parse(points.text)).encode(
            .record([
                .string(Self.id("e", number)), .string(Self.id("c", number % 3)), .string(Self.merchant),
                .long(Int64(number)), .union(branch: 0, .null), .union(branch: 0, .null),
            ]))
        return ConfluentFraming.make(schemaID: points.id, datum: datum)
    }

    static func id(_ kind: String, _ number: Int) -> String {
        let digits = kind + String(number)
        return "7a9d0c8e-0b5f-4a53-9d0c-" + String(repeating: "0", count: 12 - digits.utf8.count) + digits
    }
}
