import HTTPClient
import SchemaRegistry
import TestSupport

/// The project's own stand-ins, as a process.
final class MockServices: Sendable {
    let registryURL: String
    let kafka: String
    let process: ChildProcess
    private let adminURL: String

    init(_ arguments: [String] = []) async throws {
        process = try ChildProcess([try ProcessRunner.builtBinary("mock-services"), "--exit-with-parent"] + arguments)
        let lines = try await process.waitForOutput { $0.hasSuffix("READY\n") }.split(separator: "\n")
        func value(_ name: String) throws -> String {
            guard let line = lines.first(where: { $0.hasPrefix(name + "=") }) else {
                throw TestSupportError("no \(name) in \(lines)")
            }
            return String(line.dropFirst(name.utf8.count + 1))
        }
        registryURL = try value("SCHEMA_REGISTRY_URL")
        kafka = try value("KAFKA_BROKER")
        adminURL = try value("MOCK_ADMIN_URL")
    }

    /// Steers the stand-ins: a POST to a path below the admin URL.
    func order(_ path: String, _ json: String) async throws {
        let url = try HTTPURL("\(adminURL)/\(path)")
        let reply = try await HTTPClient().send(HTTPRequest(.post, url, body: Array(json.utf8)))
        guard reply.status == 200 else {
            throw TestSupportError("\(path): \(reply.status) \(String(decoding: reply.body, as: UTF8.self))")
        }
    }

    /// How often the registry was asked for `call`, such as `GET /schemas/ids/7`.
    func count(_ call: String) async throws -> Int {
        let reply = try await HTTPClient().send(HTTPRequest(.get, try HTTPURL("\(adminURL)/requests")))
        let text = String(decoding: reply.body, as: UTF8.self)
        guard let range = text.firstRange(of: "\"\(call)\":") else { return 0 }
        return Int(text[range.upperBound...].prefix { $0.isNumber }) ?? 0
    }
}

/// A client for a test: no credentials, the default bounds unless it changes them.
func registryClient(
    _ url: String, time: RegistryTime = .system, attempts: Int = 3,
    _ change: (inout SchemaRegistryConfiguration) -> Void = { _ in }
) throws -> SchemaRegistryClient {
    var configuration = SchemaRegistryConfiguration(baseURL: try HTTPURL(url))
    configuration.retry.attemptLimit = attempts
    change(&configuration)
    return SchemaRegistryClient(configuration, time: time)
}

/// Schemas that tests register.
enum SampleSchema {
    static let record = #"{"type":"record","name":"R","fields":[{"name":"a","type":"string"}]}"#
    static let wider =
        #"{"type":"record","name":"R","fields":[{"name":"a","type":"string"},{"name":"b","type":"int","default":0}]}"#
    static let incompatible = #"{"type":"record","name":"R","fields":[{"name":"b","type":"int"}]}"#
    static let broken = #"{"type":"recrod","name":"R"}"#
}
