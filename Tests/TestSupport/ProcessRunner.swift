import Glibc

/// Runs programs to their end.
package enum ProcessRunner {
    /// Runs `arguments[0]` (through PATH if it has no slash) to its end, or kills it when `deadline` seconds have passed.
    package static func run(
        _ arguments: [String], environment: [String: String?] = [:], directory: String = ".",
        input: ChildProcess.Input = .none, output: ChildProcess.Sink = .capture,
        errors: ChildProcess.Sink = .capture, deadline: Double = 60
    ) async throws -> ProcessResult {
        try await ChildProcess(
            arguments, environment: environment, directory: directory, input: input, output: output, errors: errors
        ).wait(deadline: deadline)
    }

    /// Runs a program that must succeed, and returns its standard output; throws with its standard error otherwise.
    @discardableResult
    package static func output(
        of arguments: [String], environment: [String: String?] = [:], input: ChildProcess.Input = .none,
        deadline: Double = 60
    ) async throws -> String {
        let result = try await run(arguments, environment: environment, input: input, deadline: deadline)
        guard result.status == .exited(0) else {
            let state = result.timedOut ? "took longer than \(deadline) s" : "\(result.status)"
            throw TestSupportError("\(arguments.joined(separator: " ")): \(state)\n\(result.errors)\(result.output)")
        }
        return result.output
    }

    /// The path of a program of this package: it lies beside the test's own binary.
    package static func builtBinary(_ name: String) throws -> String {
        let path = ownDirectory + "/" + name
        guard access(path, X_OK) == 0 else { throw TestSupportError("\(path) was not built") }
        return path
    }

    /// Whether `program` is somewhere in PATH.
    package static func isInstalled(_ program: String) -> Bool {
        (Spawn.inheritedEnvironment()["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
            .contains { access("\($0)/\(program)", X_OK) == 0 }
    }

    private static var ownDirectory: String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let path = buffer.prefix(max(0, count)).map(UInt8.init(bitPattern:))
        return String(decoding: path.prefix(path.lastIndex(of: UInt8(ascii: "/")) ?? 0), as: UTF8.self)
    }
}
