/// What all completion scripts say, taken from a table once.
struct CompletionTable {
    /// A command with the words that follow its name.
    struct Command {
        let name: String
        let summary: String
        let flags: [Flag]
        let positional: Flag.Completion
    }

    let program: String
    /// The program's name as part of a shell function's name.
    let function: String
    let commands: [Command]
    /// Which of `commands` is meant where none is named.
    let standard: Command?
    let flags: [Flag]

    init(_ table: FlagTable) {
        program = table.program
        function = "_" + table.program.map { $0.isLetter || $0.isNumber ? String($0) : "_" }.joined()
        let own = table.subcommands.map { command in
            Command(
                name: command.name, summary: command.summary, flags: table.flags(of: command),
                positional: command.positionals.first?.completion ?? .none)
        }
        standard = table.hasDefault ? own.first : nil
        commands =
            own + [
                Command(name: "help", summary: "Show the help", flags: [], positional: .none),
                Command(name: "man", summary: "Print the man page", flags: [], positional: .none),
                Command(name: "completions", summary: "Print completions for a shell", flags: [], positional: .none),
            ]
        flags = table.allFlags
    }

    /// The first words of all commands, each once.
    var firstWords: [(word: String, summary: String)] {
        var seen: Set<String> = []
        return commands.compactMap { command in
            let word = String(command.name.prefix { $0 != " " })
            return seen.insert(word).inserted ? (word, command.summary) : nil
        }
    }

    /// Second words of commands of two words, by their first.
    var secondWords: [(first: String, seconds: [String])] {
        firstWords.compactMap { first, _ in
            let seconds = commands.filter { $0.name.hasPrefix("\(first) ") }.map {
                String($0.name.dropFirst(first.count + 1))
            }
            return seconds.isEmpty ? nil : (first, seconds)
        }
    }

    /// The names of a flag as they are typed.
    static func names(_ flag: Flag) -> [String] { (flag.short.map { ["-\($0)"] } ?? []) + ["--\(flag.long)"] }

    /// `text` in single quotes for a POSIX shell.
    static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
