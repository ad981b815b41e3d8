package import Configuration

/// The commands that every program has.
enum BuiltIn: String {
    case help
    case man
    case completions
    case complete = "__complete"
}

/// The raw stage's result: what was typed, sorted by flag, without any I/O or interpretation of values.
package struct ParsedArguments: Sendable {
    /// What the user wants.
    package enum Request: Sendable {
        /// A command of the table.
        case command(Subcommand)
        /// The help, of one command or (nil) of the program.
        case help(Subcommand?)
        case version
        case manPage
        /// The completion script for a shell.
        case completions(shell: String)
        /// Words of a kind, for a completion script, and the command that is being typed, where it is known.
        case complete(kind: String, Subcommand?)
        /// No command could be made out; `problems` says why.
        case unknown
    }

    /// What the user wants.
    package var request: Request
    /// The values by long flag, in the order given; toggles have `true` or `false`.
    package var values: [String: [String]]
    /// The arguments that are no flags and no command.
    package var positionals: [String]
    /// Every mistake that can be seen without interpreting values.
    package var problems: [UsageProblem]
}
