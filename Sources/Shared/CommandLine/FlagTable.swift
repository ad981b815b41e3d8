/// The one table of a program, from which parser, `--help`, man page and completions are made.
///
///     enum ReprocessDLQ {
///         static let rate = Flag("rate", placeholder: "N|max", default: "100", section: "Pace",
///             help: "Records a second at most")
///         static let table = FlagTable(
///             program: "reprocess-dlq", version: ToolkitVersion.current,
///             summary: "process a dead-letter queue again, each record once",
///             subcommands: [
///                 Subcommand("drain", summary: "Redrive what is left (the default)", flags: [.topic, rate, .yes]),
///                 Subcommand("list", summary: "Show what is left", flags: [.topic, .output]),
///             ],
///             commonFlags: [.bootstrapServers, .properties, .config, .progress] + Flag.logging)
///     }
///
///     @main struct Main {
///         static func main() {
///             let console = Console.standard()
///             switch console.begin(ReprocessDLQ.table) {
///             case .ended(let code): exit(code.rawValue)
///             case .complete(let kind, var reader): …   // print the words of this kind
///             case .run(var reader):
///                 // Validated stage: every reader notes its mistakes, `finish` throws them all at once.
///                 let brokers = reader.hostPorts(.bootstrapServers, defaultPort: 9092)
///                 let rate = reader.rate(ReprocessDLQ.rate)
///                 do throws(UsageError) { try reader.finish() } catch { exit(console.report(error).rawValue) }
///                 for warning in reader.warnings { console.warning(warning) }
///                 let code = drain(brokers, rate, console)
///                 exit(console.finish(code).rawValue)
///             }
///         }
///     }
///
/// `--help`, `-h` and `--version`, and the commands `help`, `man` and `completions` belong to every table by
/// themselves.
package struct FlagTable: Sendable {
    /// A line of a two-column list: an environment variable, a file or an example, and what it is for.
    package struct Row: Sendable {
        /// What is explained.
        package let term: String
        /// What it is for.
        package let text: String

        /// The row `term`, `text`.
        package init(_ term: String, _ text: String) {
            self.term = term
            self.text = text
        }
    }

    /// The program's name, as it is typed.
    package let program: String
    /// As `--version` prints it.
    package let version: String
    /// The day of the man page, `YYYY-MM-DD`.
    package let date: String
    /// One line that follows the name: lower case, no full stop.
    package let summary: String
    /// Paragraphs for the man page; the first one is also in `--help`.
    package let description: [String]
    /// The commands; the first is the default one if `hasDefault`.
    package let subcommands: [Subcommand]
    /// Whether the first command may be left out.
    package let hasDefault: Bool
    /// Flags of every command.
    package let commonFlags: [Flag]
    /// Environment variables beside those of the flags.
    package let environment: [Row]
    /// Files that the program reads or writes.
    package let files: [Row]
    /// Calls, each with what it is for.
    package let examples: [Row]
    /// Exit codes this program uses, each with the common meaning or its own.
    package let exitCodes: [ExitCode]
    /// Other pages, for example `replay(1)`.
    package let seeAlso: [String]

    /// A table of these parts; `problems()` says what is wrong with it.
    package init(
        program: String, version: String, date: String = ToolkitVersion.date, summary: String,
        description: [String] = [], subcommands: [Subcommand], hasDefault: Bool = true, commonFlags: [Flag] = [],
        environment: [Row] = [], files: [Row] = [], examples: [Row] = [], exitCodes: [ExitCode] = ExitCode.allCases,
        seeAlso: [String] = []
    ) {
        self.program = program
        self.version = version
        self.date = date
        self.summary = summary
        self.description = description
        self.subcommands = subcommands
        self.hasDefault = hasDefault
        self.commonFlags = commonFlags + [.help, .version]
        self.environment = environment
        self.files = files
        self.examples = examples
        self.exitCodes = exitCodes
        self.seeAlso = seeAlso
    }

    /// The command that runs when none is named.
    package var defaultSubcommand: Subcommand? { hasDefault ? subcommands.first : nil }

    /// The flags of `subcommand`, its own before the common ones.
    package func flags(of subcommand: Subcommand) -> [Flag] { subcommand.flags + commonFlags }

    /// Every flag once, in the order of the table.
    package var allFlags: [Flag] {
        var seen: Set<String> = []
        return (subcommands.flatMap(\.flags) + commonFlags).filter { seen.insert($0.long).inserted }
    }

    /// The commands that have `flag` among their own; empty for a common one.
    package func owners(of flag: Flag) -> [Subcommand] {
        subcommands.filter { $0.flags.contains { $0.long == flag.long } }
    }

    /// The headings of `flags`, in order of first mention, each with its flags.
    func sections(_ flags: [Flag]) -> [(heading: String, flags: [Flag])] {
        var order: [String] = []
        var groups: [String: [Flag]] = [:]
        for flag in flags {
            if groups[flag.section] == nil { order.append(flag.section) }
            groups[flag.section, default: []].append(flag)
        }
        // What every program has comes last, whoever names it first.
        order = order.filter { $0 != Flag.generalSection } + order.filter { $0 == Flag.generalSection }
        return order.map { (heading: $0, flags: groups[$0] ?? []) }
    }
}
