package import Configuration

/// What a program was called for, after the raw stage and the configuration file have been read.
package enum Invocation {
    /// Text for standard output; the program then ends with `ExitCode.done`.
    case answer(String)
    /// Words of this kind are wanted, one a line, for a shell's completion; the reader has the flags given so far,
    /// of whatever command, and the command as far as it was typed.
    case complete(kind: String, OptionReader)
    /// Mistakes that leave nothing to run.
    case mistaken(UsageError)
    /// A command is to be run; the validated stage reads its options, and reports what is wrong so far with them.
    case run(OptionReader)

    /// Parses `arguments` (without the program's name), reads the `--config` file if one is named, and renders what
    /// needs no more than the table. `style` is that of standard output; `versions` are lines to add to `--version`.
    package static func read(
        _ table: FlagTable, arguments: [String], environment: Environment, style: TextStyle,
        versions: @autoclosure () -> [String] = []
    ) -> Invocation {
        let parsed = ArgumentParser(table: table).parse(arguments)
        switch parsed.request {
        case .help(let command) where parsed.problems.isEmpty:
            return .answer(HelpRenderer(table, style: style).text(for: command))
        case .version:
            return .answer((["\(table.program) \(table.version)"] + versions()).joined(separator: "\n") + "\n")
        case .manPage where parsed.problems.isEmpty: return .answer(ManPageRenderer(table).text)
        case .completions(let shell) where parsed.problems.isEmpty:
            return .answer(CompletionShell(rawValue: shell)?.script(for: table) ?? "")
        case .command(let command):
            return .run(OptionReader(table, command: command, parsed: parsed, environment: environment))
        case .complete(let kind, let typed):
            guard let command = typed ?? table.defaultSubcommand ?? table.subcommands.first else { break }
            return .complete(
                kind: kind, OptionReader(table, command: command, parsed: parsed, environment: environment))
        default: break
        }
        let form = table.subcommands.first.map { command in
            OptionReader(table, command: command, parsed: parsed, environment: environment).form
        }
        return .mistaken(
            UsageError(
                program: table.program, command: nil, problems: parsed.problems, form: form ?? OutputForm.table))
    }
}
