import Foundation
import TestSupport
import Testing

/// Python with grpcio: the one that runs the tests if it has it, else one made under `.build`.
enum PythonPeer {
    private static let packages = "grpcio grpcio-health-checking grpcio-status"

    /// nil where grpcio can neither be found nor installed.
    static let python: String? = find()
    /// Whether tests that need it run. Continuous integration must not pass without them.
    static let isExpected = python != nil || ProcessInfo.processInfo.environment["CI"] == "true"
    static let absence: Comment = "grpcio is not installed and could not be: not compared with it"

    private static func find() -> String? {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let environment = root.appending(path: ".build/grpcio").path
        let own = environment + "/bin/python3"
        for python in ["python3", own] where works(python) { return python }
        guard run("python3 -m venv \(environment)"), run("\(own) -m pip install --quiet \(packages)"), works(own)
        else { return nil }
        return own
    }

    private static func works(_ python: String) -> Bool {
        run("\(python) -c 'import grpc, grpc_health.v1.health, grpc_status.rpc_status'")
    }

    private static func run(_ command: String) -> Bool {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", command]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    /// Starts a script of the fixtures.
    static func start(
        _ script: String, _ arguments: [String], input: ChildProcess.Input = .none
    ) throws -> ChildProcess {
        let path = try #require(Bundle.module.path(forResource: "Fixtures/\(script)", ofType: "py"))
        return try ChildProcess([try #require(python), "-u", path] + arguments, input: input)
    }
}
