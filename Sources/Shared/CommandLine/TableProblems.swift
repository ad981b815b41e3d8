extension FlagTable {
    /// What is wrong with the table itself, for a test of every program: names given twice or meaning different
    /// things in two commands, names that could not be typed, defaults that are not among the choices.
    package func problems() -> [String] {
        var problems: [String] = []
        for subcommand in subcommands {
            problems += repeated(flags(of: subcommand).map { "--\($0.long)" }, in: subcommand.name)
            problems += repeated(flags(of: subcommand).compactMap { $0.short.map { "-\($0)" } }, in: subcommand.name)
        }
        problems += repeated(subcommands.map(\.name), in: program)
        for name in subcommands.compactMap(\.words.first) where BuiltIn(rawValue: name) != nil {
            problems.append("\(name) is a command of every program")
        }
        for flag in allFlags { problems += self.problems(of: flag) }
        return problems
    }

    private func problems(of flag: Flag) -> [String] {
        var problems: [String] = []
        let isTypable = flag.long.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || $0 == UInt8(ascii: "-")
        }
        if !isTypable || flag.long.utf8.count < 2 { problems.append("--\(flag.long): lower case letters and dashes") }
        for other in subcommands.flatMap(\.flags) where other.long == flag.long {
            if other.kind != flag.kind || other.short != flag.short {
                problems.append("--\(flag.long) takes different things in different commands")
            }
        }
        let sharers = allFlags.filter { $0.short == flag.short && $0.long != flag.long }
        if flag.short != nil, !sharers.isEmpty { problems.append("-\(flag.short ?? "?") means two flags") }
        if flag.takesValue, flag.placeholder.isEmpty { problems.append("--\(flag.long) has no placeholder") }
        if let standard = flag.standard, !flag.choices.isEmpty, !flag.choices.contains(standard) {
            problems.append("--\(flag.long): the default is not among the choices")
        }
        if flag.help.isEmpty || flag.help.hasSuffix(".") { problems.append("--\(flag.long): help without a full stop") }
        return problems
    }

    private func repeated(_ names: [String], in place: String) -> [String] {
        var seen: Set<String> = []
        return names.filter { !seen.insert($0).inserted }.map { "\($0) stands twice in \(place)" }
    }
}
