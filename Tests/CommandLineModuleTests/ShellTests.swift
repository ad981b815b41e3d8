import Glibc
import TestSupport
import Testing

@testable import CommandLine

/// The rendered files as the programs that read them see them; each test is skipped where its program is missing.
@Suite struct ShellTests {
    @Test(.enabled(if: fileExists("/usr/bin/mandoc")))
    func theManPageHasNothingForLintToSay() throws {
        #expect(try run("mandoc -Tlint '\(Golden.path("sample.1"))' 2>&1") == "")
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func scriptsAreWellFormed(_ shell: String) throws {
        guard fileExists("/usr/bin/\(shell)") || fileExists("/bin/\(shell)") else { return }
        #expect(try run("\(shell) -n '\(Golden.path("sample.\(shell)"))' 2>&1") == "")
    }

    @Test(
        .enabled(if: fileExists("/bin/bash")),
        arguments: [
            ("sample ", "drain list show topics progress help man completions"), ("sample l", "list"),
            ("sample list --mer", "--merchant"), ("sample list --rat", ""), ("sample --rat", "--rate"),
            ("sample --output ", "table json"), ("sample --output=t", "table"), ("sample progress ", "reset"),
            ("sample completions ", "bash zsh fish"), ("sample -b h:9092 --delivery at", "at-least-once"),
            ("sample --rate list --to", "--topic --to"), ("sample list --to", "--topic"), ("sample --limit ", ""),
            ("sample --config /etc/host", "/etc/host.conf /etc/hostname /etc/hosts"),
            ("sample list -b h:9092 --topic ", "topics list -b h:9092 --topic"),
        ])
    func bashCompletes(_ line: String, _ expected: String) throws {
        // Readline breaks words at = and : as well. The stand-in for the program prints what it was asked.
        let script = """
            sample() { shift; printf '%s\\n' "$@"; }
            source '\(Golden.path("sample.bash"))'
            COMP_LINE='\(line)'; COMP_POINT=${#COMP_LINE}
            text="${COMP_LINE//=/ = }"; text="${text//:/ : }"
            COMP_WORDS=($text); [[ "$COMP_LINE" == *' ' ]] && COMP_WORDS+=('')
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _sample
            printf '%s\\n' "${COMPREPLY[@]}" | sort -u
            """
        let directory = try ScratchDirectory("completion")
        let path = try directory.write("script.bash", script)
        let found = try withExtendedLifetime(directory) {
            Set(try run("bash '\(path)' 2>/dev/null").split(separator: "\n").map(String.init))
        }
        #expect(found == Set(expected.split(separator: " ").map(String.init)))
    }

    /// The standard output of a shell command.
    private func run(_ command: String) throws -> String {
        guard let stream = popen(command, "r") else { throw TestSupportError("popen", code: errno) }
        defer { pclose(stream) }
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = fread(&chunk, 1, chunk.count, stream)
            if count == 0 { break }
            text += chunk[..<count]
        }
        return String(decoding: text, as: UTF8.self)
    }
}
