/// Completions for zsh 5: one `_arguments` call for each command.
struct ZshCompletion {
    private let table: CompletionTable

    init(_ table: CompletionTable) { self.table = table }

    var script: String {
        """
        #compdef \(table.program)
        # zsh completion for \(table.program); made by `\(table.program) completions zsh`.
        \(table.function)_words() {
            # _arguments puts options for compadd before the kind.
            local -a found
            found=("${(@f)$(_call_program words ${(q)words[1]} __complete ${argv[-1]} ${(q)words[2,CURRENT-1]} 2>/dev/null)}")
            compadd "${(@)argv[1,-2]}" -a found
        }
        \(table.function)() {
            local word command='' flag=''
            local -a specs
            for word in "${(@)words[2,CURRENT-1]}"; do
                if [[ -n $flag ]]; then flag=''; continue; fi
                case $word in
                    \(valueFlags.joined(separator: "|"))) flag=$word ;;
                    -*) ;;
                    *) command="${command:+$command }$word" ;;
                esac
            done
            case $command in
        \(cases)
            esac
            _arguments -s -S : $specs
        }
        if [[ $funcstack[1] == _\(table.program) || $funcstack[1] == \(table.function) ]]; then
            \(table.function) "$@"
        else
            compdef \(table.function) \(table.program)
        fi

        """
    }

    private var valueFlags: [String] { table.flags.filter(\.takesValue).flatMap(CompletionTable.names) }

    private var cases: String {
        var cases: [String] = []
        for (first, seconds) in table.secondWords {
            cases.append(specs("'\(first)'", [], rest: "*::command:(\(seconds.joined(separator: " ")))"))
        }
        for command in table.commands where !command.flags.isEmpty {
            cases.append(specs("'\(command.name)'*", command.flags, rest: positional(command.positional)))
        }
        let shells = CompletionShell.allCases.map(\.rawValue).joined(separator: " ")
        cases.append(specs("completions*", [], rest: "*:shell:(\(shells))"))
        cases.append(specs("help*", [], rest: "*:command:(\(table.firstWords.map(\.word).joined(separator: " ")))"))
        let commands = table.firstWords.map { "\($0.word)\\:\(quotedForList($0.summary))" }
        cases.append(specs("*", table.standard?.flags ?? [], rest: "1:command:((\(commands.joined(separator: " "))))"))
        return cases.joined(separator: "\n")
    }

    private func specs(_ pattern: String, _ flags: [Flag], rest: String) -> String {
        let specs = flags.flatMap(spec) + [CompletionTable.quoted(rest)]
        let lines = specs.map { "                \($0)\n" }.joined()
        return "        \(pattern)) specs=(\n\(lines)            ) ;;"
    }

    private func spec(_ flag: Flag) -> [String] {
        let isOnce = flag.kind != .repeatable && flag.kind != .pairs
        let names = CompletionTable.names(flag)
        let exclusion = isOnce ? "(\(names.joined(separator: " ")))" : "*"
        let help = escaped(flag.help)
        return names.map { name in
            let takes = flag.takesValue ? (name.hasPrefix("--") ? "=" : "+") : ""
            return CompletionTable.quoted("\(exclusion)\(name)\(takes)[\(help)]\(value(flag))")
        }
    }

    private func value(_ flag: Flag) -> String {
        guard flag.takesValue else { return "" }
        let label = ":" + escaped(flag.placeholder)
        if !flag.choices.isEmpty { return "\(label):(\(flag.choices.joined(separator: " ")))" }
        return switch flag.completion {
        case .none: "\(label): "
        case .file: "\(label):_files"
        case .dynamic(let kind): "\(label):\(table.function)_words \(kind)"
        }
    }

    /// The command's own name is an argument for _arguments, so there is a rest even where nothing may follow.
    private func positional(_ completion: Flag.Completion) -> String {
        switch completion {
        case .none: "*:argument: "
        case .file: "*:argument:_files"
        case .dynamic(let kind): "*:argument:\(table.function)_words \(kind)"
        }
    }

    private func escaped(_ text: String) -> String {
        text.map { "[]:\\".contains($0) ? "\\\($0)" : String($0) }.joined()
    }

    private func quotedForList(_ text: String) -> String {
        "\"" + text.filter { !"\"\\`$".contains($0) } + "\""
    }
}
