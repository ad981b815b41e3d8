import Glibc
import TestSupport
import Testing

/// Completions as the shells ask for them: the installed script, the built program, real brokers.
@Suite("completions", ScratchKafka.requirement, .timeLimit(.minutes(3)))
struct CompletionTests {
    /// What a line is completed with, in order of appearance.
    private struct Cluster {
        let topic: String
        /// What points the program at this cluster and this test's topics.
        let flags: String
        let directory: ScratchDirectory
        let path: String

        func words(_ arguments: String) async throws -> [String] {
            try await run(["bash", "-c", "reprocess-dlq __complete \(arguments) \(flags)"])
        }

        func run(_ command: [String]) async throws -> [String] {
            let result = try await ProcessRunner.run(
                command, environment: Program.clean.merging(["PATH": path, "TERM": "xterm"]) { $1 }, deadline: 30)
            #expect(result.exitCode == 0, "\(result.errors)")
            return result.output.split(whereSeparator: \.isNewline).map(String.init)
        }

        func script(_ shell: String) async throws -> String {
            let text = try await Program.run(["completions", shell]).output
            let path = directory.file(shell == "zsh" ? "_reprocess-dlq" : "completion.\(shell)")
            try writeText(text, to: path)
            return path
        }
    }

    /// Ten letters of two reasons are there; those of one of them were drained by a run named night-7.
    private func cluster() async throws -> Cluster {
        let stage = try await Stage.shared(.apacheKafka)
        let topic = try await stage.topic("complete")
        let letters = (0..<10).map { number in
            Letters.record(
                Letters.framed(stage.points, Letters.points(number)),
                headers: Letters.headers(offset: number, code: number % 2 == 0 ? "internal" : "badge.unknown"))
        }
        try await stage.publish(letters, to: topic)
        try await stage.createCompanions(of: topic)
        let drain = try await Program.run(
            ["drain"] + stage.flags(topic) + [
                "--runs-topic", "\(topic).runs", "--run", "night-7", "--error-code", "internal", "--rate", "max",
                "--yes",
            ])
        #expect(drain.exitCode == 0, "\(drain.errors)")
        let binary = try ProcessRunner.builtBinary(Program.name)
        return Cluster(
            topic: topic,
            flags: "-b \(stage.brokers) --topic \(topic) --progress-topic \(topic).progress "
                + "--runs-topic \(topic).runs",
            directory: try ScratchDirectory(),
            path: "\(binary.dropLast(Program.name.count + 1)):/usr/local/bin:/usr/bin:/bin")
    }

    /// On a machine that has no time the program gives up after two seconds, as it should; then it is asked again.
    private func expect(_ expected: [String], _ found: () async throws -> [String]) async throws {
        var last: [String] = []
        let isRight = try await eventually(deadline: 90) {
            last = try await found()
            return last == expected
        }
        #expect(isRight, "\(last) in place of \(expected)")
    }

    @Test("they know topics, groups, run names and the reasons of what is left in the queue")
    func words() async throws {
        let cluster = try await cluster()
        let topic = cluster.topic
        let mine = ["", ".parked", ".progress", ".replay", ".runs"].map { "\(topic)\($0)" }
        try await expect(mine) { try await cluster.words("topics list").filter { $0.hasPrefix(topic) } }
        #expect(try await !cluster.words("topics list").contains { $0.hasPrefix("__") })
        try await expect(["gamification.drain.\(topic)"]) {
            try await cluster.words("groups drain").filter { $0.hasSuffix(topic) }
        }
        try await expect(["night-7"]) { try await cluster.words("runs history") }
        try await expect(["badge.unknown"]) { try await cluster.words("error-codes drain") }
        // The closed list, where there is no cluster to ask.
        #expect(
            try await cluster.run(["bash", "-c", "reprocess-dlq __complete error-codes drain"]).contains("internal"))
    }

    private static let asked = [
        ("reprocess-dlq drain FLAGS --error-code ", ["badge.unknown"]),
        ("reprocess-dlq history FLAGS --run ", ["night-7"]),
        ("reprocess-dlq drain FLAGS --run n", ["night-7"]),
        ("reprocess-dlq drain FLAGS --group gamification.drain.TOPIC", ["gamification.drain.TOPIC"]),
        ("reprocess-dlq drain FLAGS --to=TOPIC.rep", ["TOPIC.replay"]),
    ]

    @Test("in bash", arguments: asked)
    func bash(line: String, expected: [String]) async throws {
        let cluster = try await cluster()
        let script = try await cluster.script("bash")
        let command = [
            "bash", "-c",
            """
            source "$1"; COMP_LINE=$2; COMP_POINT=${#COMP_LINE}
            text="${COMP_LINE//=/ = }"; text="${text//:/ : }"
            read -ra COMP_WORDS <<<"$text"; [[ "$COMP_LINE" == *' ' ]] && COMP_WORDS+=('')
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _reprocess_dlq
            printf '%s\\n' "${COMPREPLY[@]}"
            """, "bash", script, filled(line, cluster),
        ]
        try await expect(expected.map { filled($0, cluster) }) { try await cluster.run(command) }
    }

    @Test("in fish", .enabled(if: ProcessRunner.isInstalled("fish")), arguments: asked)
    func fish(line: String, expected: [String]) async throws {
        let cluster = try await cluster()
        let command = [
            "fish", "--no-config", "-c", "source $argv[1]; complete -C $argv[2]", try await cluster.script("fish"),
            filled(line, cluster),
        ]
        try await expect(expected.map { filled($0, cluster) }) {
            try await cluster.run(command).compactMap { found in
                // After --flag= fish gives the whole word.
                found.split(separator: "\t").first?.split(separator: "=").last.map(String.init)
            }
        }
    }

    @Test("in zsh, at a prompt", .enabled(if: ProcessRunner.isInstalled("zsh")), arguments: asked)
    func zsh(line: String, expected: [String]) async throws {
        let cluster = try await cluster()
        _ = try await cluster.script("zsh")
        // compadd is what every completion ends in; the stand-in says what it is given and passes it on.
        let harness = #"""
            zmodload zsh/zpty; zpty z zsh -f -i
            zpty -w z "PROMPT=; unsetopt zle_bracketed_paste; stty columns 400 rows 50; fpath=($1 \$fpath)
            autoload -U compinit; compinit -u -D; bindkey '^I' complete-word; bindkey '^U' kill-whole-line
            compadd() {
                local -a shown; local word; builtin compadd -O shown \"\$@\"
                for word in \$shown; do builtin print -r -- \"<word>\$word</word>\"; done
                builtin compadd \"\$@\"
            }
            print REA''DY"
            zpty -r z seen '*READY*'; zpty -n -w z "$2"$'\t'
            zpty -n -w z $'\x15'"print DO''NE"$'\n'; zpty -r z seen '*DONE*'; print -r -- $seen; zpty -d z
            """#
        let command = [
            "zsh", "-f", "-c", harness.replacing("shown", with: "__given"), "zsh", cluster.directory.path,
            filled(line, cluster),
        ]
        try await expect(expected.map { filled($0, cluster) }) {
            let words = try await cluster.run(command).joined().split(separator: "<word>").dropFirst()
            return Set(words.compactMap { $0.split(separator: "</word>").first.map(String.init) }).sorted()
        }
    }

    private func filled(_ text: String, _ cluster: Cluster) -> String {
        text.replacing("FLAGS", with: cluster.flags).replacing("TOPIC", with: cluster.topic)
    }

    @Test(
        "brokers that do not answer cost two seconds at most, and leave what is known without them",
        arguments: ["error-codes", "topics", "groups", "runs", "destinations", "event-types", "nonsense", ""])
    func silence(kind: String) async throws {
        // Connections are accepted by the kernel, and never answered.
        let silent = try SilentServer()
        for brokers in ["127.0.0.1:\(silent.port)", "127.0.0.1:1", "not:a:broker", ""] {
            let began = try #require(clock())
            let result = try await Program.run(["__complete", kind, "drain", "-b", brokers, "--topic"], deadline: 20)
            #expect(result.exitCode == 0 && result.errors.isEmpty, "\(result.errors)")
            // Two seconds and what a busy machine adds; without the bound it would be a minute.
            #expect(try #require(clock()) - began < 15)
            let words = result.output.split(separator: "\n")
            #expect(words.contains("internal") == (kind == "error-codes"))
            #expect(words.contains("origin") == (kind == "destinations"))
        }
    }

    private func clock() -> Double? {
        var now = timespec()
        return clock_gettime(CLOCK_MONOTONIC, &now) == 0 ? Double(now.tv_sec) + Double(now.tv_nsec) / 1e9 : nil
    }
}
