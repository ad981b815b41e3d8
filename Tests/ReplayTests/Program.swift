import Glibc
import Kafka
import Lifecycle
import TestSupport
import Testing

/// The built `replay`, run as users run it, without settings from the test's own environment.
enum Program {
    static let name = "replay"
    static let clean: [String: String?] = [
        "KAFKA_BROKER": nil, "SCHEMA_REGISTRY_URL": nil, "GAMIFICATION_CONFIG": nil, "NO_COLOR": nil, "COLUMNS": nil,
        "LC_ALL": "C.UTF-8", "TERM": "dumb",
    ]

    static func run(_ arguments: [String], deadline: Double = 90) async throws -> ProcessResult {
        try await ProcessRunner.run(
            [try ProcessRunner.builtBinary(name)] + arguments, environment: clean, deadline: deadline)
    }

    /// Runs it in the background.
    static func start(_ arguments: [String]) throws -> ChildProcess {
        try ChildProcess([try ProcessRunner.builtBinary(name)] + arguments, environment: clean)
    }
}

/// Rendered texts kept in files; `UPDATE_FIXTURES=1` writes them anew.
enum Golden {
    static func fixture(_ name: String) -> String {
        ServiceHome.packageRoot + "/Tests/ReplayTests/Fixtures/" + name
    }

    static func expect(_ text: String, in path: String, _ location: SourceLocation = #_sourceLocation) throws {
        if getenv("UPDATE_FIXTURES") != nil { try writeText(text, to: path) }
        let isSame = text == (try readText(path))
        #expect(
            isSame, "\(path) differs from what is rendered; UPDATE_FIXTURES=1 rewrites it", sourceLocation: location)
    }
}
