/// The project's own stand-ins for Kafka, the schema registry, users- and auth-service, as a process.
package final class StandIns: Sendable {
    package let registryURL: String
    /// For `bootstrap.servers`.
    package let kafka: String
    /// HOST:PORT of users-service and of auth-service.
    package let users: String
    package let auth: String
    package let process: ChildProcess
    private let adminURL: String

    /// Starts them with these arguments, and waits until they serve.
    package init(_ arguments: [String] = []) async throws {
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
        users = try value("USERS_HOST")
        auth = try value("AUTH_HOST")
        adminURL = try value("MOCK_ADMIN_URL")
    }

    /// Steers the stand-ins: a POST to a path below the admin URL.
    package func order(_ path: String, _ json: String) async throws {
        let result = try await ProcessRunner.run([
            "curl", "--silent", "--show-error", "--write-out", "\n%{http_code}", "--data-binary", json,
            "\(adminURL)/\(path)",
        ])
        guard result.output.hasSuffix("\n200") else {
            throw TestSupportError("\(path): \(result.output)\(result.errors)")
        }
    }

    /// How often they were asked for `call`, such as `GET /schemas/ids/7` or `/users.v1/GetCustomer`.
    package func count(_ call: String) async throws -> Int {
        let text = try await ProcessRunner.output(of: ["curl", "--silent", "\(adminURL)/requests"])
        guard let range = text.firstRange(of: "\"\(call)\":") else { return 0 }
        return Int(text[range.upperBound...].prefix { $0.isNumber }) ?? 0
    }
}
