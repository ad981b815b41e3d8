/// One command of a program, as `list` in `reprocess-dlq list`.
package struct Subcommand: Sendable {
    /// Arguments without a dash.
    package struct Positional: Sendable {
        /// What stands for it in help texts, for example `PARTITION:OFFSET`.
        package let placeholder: String
        /// What it is, for `--help`.
        package let help: String
        /// Whether the command cannot do without it.
        package let isRequired: Bool
        /// Whether there may be several.
        package let isRepeatable: Bool
        /// What a shell offers for it.
        package let completion: Flag.Completion

        /// A positional argument of these properties.
        package init(
            _ placeholder: String, required: Bool = true, repeatable: Bool = false,
            completion: Flag.Completion = .none, help: String
        ) {
            self.placeholder = placeholder
            self.isRequired = required
            self.isRepeatable = repeatable
            self.completion = completion
            self.help = help
        }
    }

    /// The name as it is typed; may hold a blank (`progress reset`), then both words are typed.
    package let name: String
    /// One line, beginning with a capital letter.
    package let summary: String
    /// Paragraphs for `PROGRAM NAME --help` and the man page.
    package let description: [String]
    /// The arguments without a dash, in order.
    package let positionals: [Positional]
    /// The flags that only this command (and others that list them) has.
    package let flags: [Flag]
    /// Calls, each with what it is for.
    package let examples: [FlagTable.Row]

    /// A command of these parts.
    package init(
        _ name: String, summary: String, description: [String] = [], positionals: [Positional] = [],
        flags: [Flag] = [], examples: [FlagTable.Row] = []
    ) {
        self.name = name
        self.summary = summary
        self.description = description
        self.positionals = positionals
        self.flags = flags
        self.examples = examples
    }

    /// The words of the name.
    var words: [String] { name.split(separator: " ").map(String.init) }
}
