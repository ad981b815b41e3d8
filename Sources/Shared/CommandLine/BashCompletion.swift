/// Completions for bash 4 and later; needs nothing else, not even the bash-completion package.
struct BashCompletion {
    private let table: CompletionTable

    init(_ table: CompletionTable) { self.table = table }

    var script: String {
        """
        # bash completion for \(table.program); made by `\(table.program) completions bash`.
        \(table.function)() {
            local line word flag='' command='' current index
            # Words by blanks alone: COMP_WORDS also breaks at = and :, which host:port and --flag=value hold.
            read -ra line <<< "${COMP_LINE:0:COMP_POINT}"
            current="${COMP_WORDS[COMP_CWORD]}"
            [[ "${COMP_LINE:0:COMP_POINT}" == *' ' ]] && line+=('')
            local typed="${line[${#line[@]}-1]}"
            for ((index = 1; index < ${#line[@]} - 1; index++)); do
                word="${line[index]}"
                if [[ -n "$flag" ]]; then flag=''; continue; fi
                case "$word" in
                    \(valueFlags.joined(separator: "|"))) flag="$word" ;;
                    -*) ;;
                    *) command="${command:+$command }$word" ;;
                esac
            done
            if [[ -z "$flag" && "$typed" == --*=* ]]; then
                flag="${typed%%=*}"
                typed="${typed#*=}"
                current="$typed"
            fi
            [[ "$current" == '=' || "$current" == ':' ]] && current=''
            COMPREPLY=()
            case "$flag" in
                '') ;;
        \(valueCases)
                *) return ;;
            esac
            if [[ "$typed" == -* ]]; then
                case "$command" in
        \(flagCases)
                esac
                return
            fi
            case "$command" in
        \(wordCases)
            esac
        }
        \(table.function)_words() {
            local IFS=$'\\n'
            COMPREPLY=($(compgen -W "$("${line[0]}" __complete "$1" "${line[@]:1:${#line[@]}-2}" 2>/dev/null)" -- "$current"))
        }
        complete -F \(table.function) \(table.program)

        """
    }

    private var valueFlags: [String] { table.flags.filter(\.takesValue).flatMap(CompletionTable.names) }

    private var valueCases: String {
        table.flags.filter(\.takesValue).compactMap { flag in
            let reply: String
            if !flag.choices.isEmpty {
                reply = words(flag.choices)
            } else {
                switch flag.completion {
                case .none: return nil
                case .file: reply = "compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- \"$current\"))"
                case .dynamic(let kind): reply = "\(table.function)_words \(kind)"
                }
            }
            return "        \(CompletionTable.names(flag).joined(separator: "|"))) \(reply); return ;;"
        }.joined(separator: "\n")
    }

    private var flagCases: String {
        var cases = table.commands.filter { !$0.flags.isEmpty }.map { command in
            "            \(CompletionTable.quoted(command.name))*) \(words(command.flags.flatMap(CompletionTable.names))) ;;"
        }
        if let standard = table.standard {
            cases.append("            *) \(words(standard.flags.flatMap(CompletionTable.names))) ;;")
        }
        return cases.joined(separator: "\n")
    }

    private var wordCases: String {
        var cases = ["        '') \(words(table.firstWords.map(\.word))) ;;"]
        cases += table.secondWords.map { first, seconds in
            "        \(CompletionTable.quoted(first))) \(words(seconds)) ;;"
        }
        cases += table.commands.compactMap { command in
            switch command.positional {
            case .none: nil
            case .file:
                "        \(CompletionTable.quoted(command.name))) COMPREPLY=($(compgen -f -- \"$current\")) ;;"
            case .dynamic(let kind):
                "        \(CompletionTable.quoted(command.name))) \(table.function)_words \(kind) ;;"
            }
        }
        cases.append("        'completions') \(words(CompletionShell.allCases.map(\.rawValue))) ;;")
        cases.append("        'help') \(words(table.firstWords.map(\.word))) ;;")
        return cases.joined(separator: "\n")
    }

    private func words(_ words: [String]) -> String {
        "COMPREPLY=($(compgen -W \"\(words.joined(separator: " "))\" -- \"$current\"))"
    }
}
