import TestSupport
import Testing

@Suite("Help, man page and completions of reprocess-dlq")
struct HelpTests {
    static let commands = [
        "", "drain", "list", "show", "watch", "topics", "plan", "apply", "park", "unpark", "discard", "restore",
        "history",
        "progress show",
        "progress reset",
        "progress export", "progress import",
    ]

    @Test("help of the program and of every command", arguments: HelpTests.commands)
    func help(command: String) async throws {
        let result = try await Program.run(command.split(separator: " ").map(String.init) + ["--help"])
        #expect(result.exitCode == 0 && result.errors.isEmpty)
        try Golden.expect(
            result.output,
            in: Golden.fixture((["help"] + command.split(separator: " ")).joined(separator: "-") + ".txt"))
        #expect(result.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }

    @Test("the man page in the repository is the program's own")
    func manPage() async throws {
        let result = try await Program.run(["man"])
        #expect(result.exitCode == 0 && result.errors.isEmpty)
        try Golden.expect(result.output, in: ServiceHome.packageRoot + "/man/reprocess-dlq.1")
    }

    @Test("completions are valid for their shells", arguments: ["bash", "zsh", "fish"])
    func completions(shell: String) async throws {
        let result = try await Program.run(["completions", shell])
        #expect(result.exitCode == 0 && result.output.contains("reprocess-dlq"))
        guard ProcessRunner.isInstalled(shell) else { return }
        let check = try await ProcessRunner.run([shell, "-n"], input: .text(result.output))
        #expect(check.exitCode == 0, "\(check.errors)")
    }

    @Test(
        "bash completes commands, flags, choices and words of the program",
        arguments: [
            (
                "reprocess-dlq ",
                [
                    "drain", "list", "show", "watch", "topics", "plan", "apply", "park", "unpark", "discard", "restore",
                    "history", "progress", "help",
                    "man",
                    "completions",
                ]
            ),
            ("reprocess-dlq to", ["topics"]),
            ("reprocess-dlq list --err", ["--error-code"]),
            ("reprocess-dlq --delivery ", ["exactly-once", "at-least-once"]),
            ("reprocess-dlq list --error-code sch", ["schema.unknown"]),
            ("reprocess-dlq list --event-type=badge", ["badge.awarded", "badge.task"]),
        ])
    func bash(line: String, expected: [String]) async throws {
        let binary = try ProcessRunner.builtBinary(Program.name)
        let script = """
            eval "$(\(binary) completions bash)"
            COMP_LINE="\(line)"; COMP_POINT=${#COMP_LINE}
            read -ra COMP_WORDS <<< "$COMP_LINE"
            [[ "$COMP_LINE" == *' ' ]] && COMP_WORDS+=('')
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            [[ "${COMP_WORDS[COMP_CWORD]}" == *=* ]] && COMP_WORDS[COMP_CWORD]="${COMP_WORDS[COMP_CWORD]#*=}"
            reprocess-dlq() { \(binary) "$@"; }
            _reprocess_dlq
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let environment = Program.clean.merging(["PATH": "\(binary.dropLast(Program.name.count + 1)):/usr/bin:/bin"]) {
            $1
        }
        let result = try await ProcessRunner.run(["bash", "-c", script], environment: environment)
        #expect(result.output.split(separator: "\n").map(String.init) == expected, "\(result.errors)")
    }

    @Test("completions that need a broker are empty without one, in time", arguments: ["topics", "groups", "nonsense"])
    func completionsWithoutBroker(kind: String) async throws {
        for arguments in [[], ["-b", "127.0.0.1:1"], ["-b", ""], ["--topic"]] {
            let result = try await Program.run(["__complete", kind] + arguments, deadline: 20)
            #expect(result.exitCode == 0 && result.output.isEmpty && result.errors.isEmpty)
        }
    }

    @Test("version")
    func version() async throws {
        let result = try await Program.run(["--version"])
        #expect(result.exitCode == 0 && result.output.hasPrefix("reprocess-dlq "))
    }
}
