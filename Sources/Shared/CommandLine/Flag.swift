import Configuration

/// One flag of a program: everything that parser, `--help`, man page, completions and configuration need to know.
///
/// Flags are constants; a program's table lists them, and its validated stage reads their values by them.
package struct Flag: Sendable {
    /// What a flag takes.
    package enum Kind: Sendable, Equatable {
        /// Nothing: its presence means yes. `--flag=false` takes back what environment or file say.
        case toggle
        /// One value; given twice it is a mistake.
        case value
        /// Any number of values, by giving the flag again.
        case repeatable
        /// Any number of `name=value` pairs.
        case pairs
        /// The path of a file that holds a secret; the environment variable holds the secret itself.
        case secretFile
    }

    /// What a shell can complete after the flag.
    package enum Completion: Sendable, Equatable {
        /// Nothing useful.
        case none
        /// A file name.
        case file
        /// Words that the program prints for `__complete KIND`, for example names of topics.
        case dynamic(String)
    }

    /// The long name without dashes, which is also the key in configuration files.
    package let long: String
    /// The one-letter name.
    package let short: Character?
    /// What it takes, and how often.
    package let kind: Kind
    /// What stands for the value in help texts, for example `FILE`; empty for toggles.
    package let placeholder: String
    /// The environment variable (for pairs the prefix of variables).
    package let environment: String?
    /// Whether a configuration file may set it.
    package let isInFile: Bool
    /// The default, as a user would type it; shown in the help, and read like a given value.
    package let standard: String?
    /// The only values allowed; offered in help and completions.
    package let choices: [String]
    /// What a shell offers for its value.
    package let completion: Completion
    /// One or two sentences for `--help` and the man page, in plain text.
    package let help: String
    /// More for the man page alone.
    package let detail: String?
    /// The heading under which the help lists it.
    package let section: String

    /// A flag that takes a value (see `Kind` for the other kinds).
    ///
    /// `long` is lower case with dashes; `section` one of a table's few headings; `help` begins with a capital letter
    /// and needs no full stop.
    package init(
        _ long: String, short: Character? = nil, kind: Kind = .value, placeholder: String = "", env: String? = nil,
        inFile: Bool = true, default standard: String? = nil, choices: [String] = [], completion: Completion = .none,
        section: String, help: String, detail: String? = nil
    ) {
        self.long = long
        self.short = short
        self.kind = kind
        self.placeholder = placeholder.isEmpty && kind != .toggle ? choices.joined(separator: "|") : placeholder
        self.environment = env
        self.isInFile = inFile
        self.standard = standard
        self.choices = choices
        self.completion = completion
        self.section = section
        self.help = help
        self.detail = detail
    }

    /// True for flags that take a value.
    package var takesValue: Bool { kind != .toggle }

    /// The same flag with another default, environment variable or help, for a program that needs it.
    package func with(
        default standard: String? = nil, env: String? = nil, section: String? = nil, help: String? = nil,
        detail: String? = nil
    ) -> Flag {
        Flag(
            long, short: short, kind: kind, placeholder: placeholder, env: env ?? environment, inFile: isInFile,
            default: standard ?? self.standard, choices: choices, completion: completion,
            section: section ?? self.section, help: help ?? self.help, detail: detail ?? self.detail)
    }

    /// What the precedence of flag, environment, file and default needs to know.
    var setting: SettingSpec {
        let arity: SettingSpec.Arity =
            switch kind {
            case .repeatable: .repeatable
            case .pairs: .pairs
            case .toggle, .value, .secretFile: .single
            }
        return SettingSpec(name: long, environment: environment, isInFile: isInFile, arity: arity, standard: standard)
    }
}
