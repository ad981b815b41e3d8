/// Completions for fish 3 and later.
struct FishCompletion {
    private let table: CompletionTable

    init(_ table: CompletionTable) { self.table = table }

    var script: String {
        var lines = [
            "# fish completion for \(table.program); made by `\(table.program) completions fish`.",
            "function _\(table.function)_command",
            "    set -l words (commandline -opc)",
            "    set -e words[1]",
            "    set -l command",
            "    set -l is_value 0",
            "    for word in $words",
            "        if test $is_value = 1",
            "            set is_value 0",
            "        else if contains -- $word \(valueFlags.joined(separator: " "))",
            "            set is_value 1",
            "        else if not string match -q -- '-*' $word",
            "            set -a command $word",
            "        end",
            "    end",
            "    string join ' ' $command",
            "end",
            "function _\(table.function)_is",
            "    set -l command (_\(table.function)_command)",
            "    test \"$command\" = \"$argv[1]\"; or string match -q -- \"$argv[1] *\" \"$command\"",
            "end",
            "function _\(table.function)_words",
            "    set -l words (commandline -opc)",
            "    command $words[1] __complete $argv[1] $words[2..-1] 2>/dev/null",
            "end",
            "complete -c \(table.program) -f",
        ]
        for (word, summary) in table.firstWords { lines.append(argument(word, summary, after: "")) }
        for (first, seconds) in table.secondWords {
            for second in seconds { lines.append(argument(second, "", after: first)) }
        }
        for shell in CompletionShell.allCases { lines.append(argument(shell.rawValue, "", after: "completions")) }
        for command in table.commands {
            if case .dynamic(let kind) = command.positional {
                lines.append(
                    "complete -c \(table.program) -n \(condition(command.name)) -a '(_\(table.function)_words \(kind))'"
                )
            } else if command.positional == .file {
                lines.append("complete -c \(table.program) -n \(condition(command.name)) -F")
            }
        }
        for flag in table.flags { lines.append(line(flag)) }
        return lines.joined(separator: "\n") + "\n"
    }

    private var valueFlags: [String] { table.flags.filter(\.takesValue).flatMap(CompletionTable.names) }

    private func argument(_ word: String, _ summary: String, after command: String) -> String {
        let test = "'test \"$(_\(table.function)_command)\" = \"\(command)\"'"
        return "complete -c \(table.program) -n \(test) -a \(word) -d \(CompletionTable.quoted(summary))"
    }

    private func line(_ flag: Flag) -> String {
        var line = "complete -c \(table.program) -l \(flag.long)"
        if let short = flag.short { line += " -s \(short)" }
        let owners = table.commands.filter { command in command.flags.contains { $0.long == flag.long } }
        let commands = table.commands.filter { !$0.flags.isEmpty }
        if owners.count < commands.count {
            var names = owners.map(\.name)
            if let standard = table.standard, names.contains(standard.name) { names.append("") }
            line += " -n '" + names.map { "_\(table.function)_is \"\($0)\"" }.joined(separator: "; or ") + "'"
        }
        if flag.takesValue { line += flag.completion == .file ? " -r" : " -x" }
        if !flag.choices.isEmpty {
            line += " -a \(CompletionTable.quoted(flag.choices.joined(separator: " ")))"
        } else {
            switch flag.completion {
            case .none: break
            case .file: line += " -F"
            case .dynamic(let kind): line += " -a '(_\(table.function)_words \(kind))'"
            }
        }
        return line + " -d \(CompletionTable.quoted(flag.help))"
    }

    private func condition(_ command: String) -> String { "'_\(table.function)_is \"\(command)\"'" }
}
