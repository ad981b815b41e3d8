import Foundation
import TestSupport

/// The built `reprocess-dlq`, run as users run it, without settings from the test's own environment.
enum Program {
    static let name = "reprocess-dlq"

    /// Nothing of the test's surroundings that the program reads.
    static let clean: [String: String?] = [
        "KAFKA_BROKER": nil, "SCHEMA_REGISTRY_URL": nil, "GAMIFICATION_CONFIG": nil, "NO_COLOR": nil, "COLUMNS": nil,
        "LC_ALL": "C.UTF-8", "TERM": "dumb",
    ]

    static func run(
        _ arguments: [String], environment: [String: String?] = [:], input: ChildProcess.Input = .none,
        output: ChildProcess.Sink = .capture, deadline: Double = 90
    ) async throws -> ProcessResult {
        try await ProcessRunner.run(
            [try ProcessRunner.builtBinary(name)] + arguments,
            environment: clean.merging(environment) { _, given in given }, input: input, output: output,
            deadline: deadline)
    }

    /// Runs it with `--output json` and reads the document.
    static func json(
        _ arguments: [String], environment: [String: String?] = [:], exit code: Int32 = 0
    ) async throws -> JSON {
        let result = try await run(arguments + ["--output", "json"], environment: environment)
        guard result.exitCode == code else {
            throw TestSupportError("exit \(result.status): \(result.errors)\n\(result.output)")
        }
        return try JSON(result.output)
    }
}

/// A parsed document; what is not there is null.
struct JSON: Equatable, CustomStringConvertible {
    private let value: NSObject?

    init(_ text: String) throws {
        value = try JSONSerialization.jsonObject(with: Data(text.utf8), options: [.fragmentsAllowed]) as? NSObject
    }

    private init(_ value: Any?) { self.value = value as? NSObject }

    subscript(name: String) -> JSON { JSON((value as? [String: Any])?[name]) }
    subscript(index: Int) -> JSON {
        let items = value as? [Any] ?? []
        return JSON(items.indices.contains(index) ? items[index] : nil)
    }

    var string: String? { value as? String }
    var int: Int? { (value as? NSNumber)?.intValue }
    var bool: Bool? { (value as? NSNumber)?.boolValue }
    var array: [JSON] { (value as? [Any])?.map { JSON($0) } ?? [] }
    var keys: [String] { (value as? [String: Any])?.keys.sorted() ?? [] }
    var isNull: Bool { value == nil || value is NSNull }
    var description: String { value.map { "\($0)" } ?? "null" }
}
