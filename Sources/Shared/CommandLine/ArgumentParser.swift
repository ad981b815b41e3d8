import Configuration

/// The raw stage: sorts an argument list by the program's table. Pure; no I/O, values are not interpreted.
package struct ArgumentParser: Sendable {
    private let table: FlagTable

    /// A parser for `table`.
    package init(table: FlagTable) { self.table = table }

    /// Parses `arguments` (without the program's name). Never fails: mistakes are in the result, all of them.
    package func parse(_ arguments: [String]) -> ParsedArguments {
        let tokens = ArgumentTokens(arguments, table: table)
        var result = ParsedArguments(request: .unknown, values: [:], positionals: [], problems: tokens.problems)
        var words = tokens.words[...]
        let flags = tokens.occurrences
        if flags.contains(where: { $0.flag.long == Flag.help.long && $0.value == "true" }) {
            // Whoever asks for help is to get it, whatever else stands on the line.
            result.problems = []
            result.request = .help(matchCommand(&words))
            return result
        }
        if flags.contains(where: { $0.flag.long == Flag.version.long && $0.value == "true" }) {
            result.request = .version
            return result
        }
        if let first = words.first, let builtIn = BuiltIn(rawValue: first) {
            words.removeFirst()
            collect(flags, command: nil, &result)
            request(builtIn, words: Array(words), &result)
            return result
        }
        let command = command(&words, &result)
        collect(flags, command: command, &result)
        let positionals = Array(words) + tokens.literals
        if let command {
            result.request = .command(command)
            check(positionals, of: command, &result)
        }
        result.positionals = positionals
        return result
    }

    private func command(_ words: inout ArraySlice<String>, _ result: inout ParsedArguments) -> Subcommand? {
        if let command = matchCommand(&words) { return command }
        guard let first = words.first else {
            if let standard = table.defaultSubcommand { return standard }
            result.problems.append(
                UsageProblem(table.program, "no command is given; one of \(names.joined(separator: ", "))"))
            return nil
        }
        // The beginning of a command of two words is not an argument of the default command.
        let continuations = table.subcommands.filter { $0.words.first == first }
        if let standard = table.defaultSubcommand, !standard.positionals.isEmpty, continuations.isEmpty {
            return standard
        }
        result.problems.append(UsageProblem(first, unknownCommand(words, continuations)))
        words.removeAll()
        return nil
    }

    private func unknownCommand(_ words: ArraySlice<String>, _ continuations: [Subcommand]) -> String {
        guard continuations.isEmpty else {
            return "needs to be followed by one of \(continuations.compactMap(\.words.last).joined(separator: ", "))"
        }
        let typed = words.prefix(2).joined(separator: " ")
        let right = Nearest.match(typed, among: names) ?? words.first.flatMap { Nearest.match($0, among: names) }
        return "unknown command; " + (right.map { "did you mean \($0)?" } ?? "one of \(names.joined(separator: ", "))")
    }

    private var names: [String] { table.subcommands.map(\.name) }

    /// Takes the words of the longest command that `words` begin with.
    private func matchCommand(_ words: inout ArraySlice<String>) -> Subcommand? {
        let found = table.subcommands.filter { words.starts(with: $0.words) }.max { $0.words.count < $1.words.count }
        if let found { words.removeFirst(found.words.count) }
        return found
    }

    private func collect(
        _ occurrences: [ArgumentTokens.Occurrence], command: Subcommand?, _ result: inout ParsedArguments
    ) {
        let own = command.map { Set(table.flags(of: $0).map(\.long)) }
        var misplaced: Set<String> = []
        for occurrence in occurrences {
            let flag = occurrence.flag
            if let own, let command, !own.contains(flag.long) {
                if misplaced.insert(flag.long).inserted {
                    result.problems.append(UsageProblem("--\(flag.long)", self.misplaced(flag, in: command)))
                }
                continue
            }
            result.values[flag.long, default: []].append(occurrence.value)
        }
        var reported: Set<String> = []
        for flag in occurrences.map(\.flag) where reported.insert(flag.long).inserted {
            reportRepetition(of: flag, &result)
        }
    }

    private func reportRepetition(of flag: Flag, _ result: inout ParsedArguments) {
        guard let values = result.values[flag.long], values.count > 1 else { return }
        switch flag.kind {
        case .repeatable, .pairs: return
        // Saying yes twice is harmless, yes and no is not.
        case .toggle where Set(values).count == 1:
            result.values[flag.long] = [values[0]]
        case .toggle, .value, .secretFile:
            let list = values.prefix(4).map { PrintableText.quoted($0, limit: 40) }.joined(separator: ", ")
            result.problems.append(
                UsageProblem("--\(flag.long)", "is given \(values.count) times (\(list)); give it once"))
            result.values[flag.long] = [values[0]]
        }
    }

    private func misplaced(_ flag: Flag, in command: Subcommand) -> String {
        let owners = table.owners(of: flag).map(\.name)
        let own = table.flags(of: command).map(\.long).filter { $0 != flag.long }
        let similar = Nearest.match(flag.long, among: own).map { "; did you mean --\($0)?" } ?? ""
        return "belongs to \(owners.joined(separator: ", ")), not to \(command.name)\(similar)"
    }

    private func check(_ given: [String], of command: Subcommand, _ result: inout ParsedArguments) {
        let expected = command.positionals
        let required = expected.filter(\.isRequired)
        if given.count < required.count {
            for missing in required[given.count...] {
                result.problems.append(UsageProblem(command.name, "\(missing.placeholder) is missing: \(missing.help)"))
            }
        }
        let isOpen = expected.contains(where: \.isRepeatable)
        guard !isOpen, given.count > expected.count else { return }
        for extra in given[expected.count...].prefix(10) {
            let hint =
                if expected.isEmpty {
                    "\(command.name) takes no arguments; flags begin with --"
                } else {
                    "\(command.name) takes only \(expected.map(\.placeholder).joined(separator: " "))"
                }
            result.problems.append(UsageProblem(extra, "unexpected argument; \(hint)"))
        }
    }

    private func request(_ builtIn: BuiltIn, words: [String], _ result: inout ParsedArguments) {
        var words = words[...]
        switch builtIn {
        case .help:
            let command = matchCommand(&words)
            result.request = .help(command)
            if command == nil, !words.isEmpty {
                result.problems.append(UsageProblem("help", unknownCommand(words, [])))
            }
        case .man: result.request = .manPage
        case .complete:
            let kind = words.popFirst() ?? ""
            result.request = .complete(kind: kind, matchCommand(&words))
        case .completions:
            let shells = CompletionShell.allCases.map(\.rawValue)
            let shell = words.popFirst()
            if let shell, shells.contains(shell) {
                result.request = .completions(shell: shell)
            } else {
                let wrong = shell.map { ", not \(PrintableText.quoted($0))" } ?? ""
                result.problems.append(
                    UsageProblem("completions", "needs a shell: \(shells.joined(separator: ", "))\(wrong)"))
            }
        }
    }
}
