import TestSupport
import Testing

@Suite("Help, man page and completions of replay")
struct HelpTests {
    @Test(
        "help of the program and of every command",
        arguments: ["", "start", "runs", "status", "rate", "pause", "resume", "stop"])
    func help(command: String) async throws {
        let result = try await Program.run((command.isEmpty ? [] : [command]) + ["--help"])
        #expect(result.exitCode == 0 && result.errors.isEmpty)
        try Golden.expect(
            result.output, in: Golden.fixture(command.isEmpty ? "help.txt" : "help-\(command).txt"))
        #expect(result.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }

    @Test("the man page in the repository is the program's own")
    func manPage() async throws {
        let result = try await Program.run(["man"])
        #expect(result.exitCode == 0 && result.errors.isEmpty)
        try Golden.expect(result.output, in: ServiceHome.packageRoot + "/man/replay.1")
    }

    @Test("completions are valid for their shells", arguments: ["bash", "zsh", "fish"])
    func completions(shell: String) async throws {
        let result = try await Program.run(["completions", shell])
        #expect(result.exitCode == 0 && result.output.contains("replay"))
        guard ProcessRunner.isInstalled(shell) else { return }
        let check = try await ProcessRunner.run([shell, "-n"], input: .text(result.output))
        #expect(check.exitCode == 0, "\(check.errors)")
    }
}
