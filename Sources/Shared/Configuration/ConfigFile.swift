/// The configuration file of `--config`: `key = value` lines, keys being long flag names without the dashes.
///
///     # used by every program
///     bootstrap-servers = kafka-1:9092,kafka-2:9092
///     property = security.protocol=SASL_SSL
///
///     [reprocess-dlq]
///     rate = 500
///
/// A line that begins with `#` is a comment; a value is the rest of its line without the blanks around it, taken
/// literally (no quotes, no escapes, no continuation lines). Lines before the first `[program]` heading hold for every
/// program, those below a heading for that program alone, where they win (of `name=value` pairs name by name). A
/// repeatable key may stand on several lines.
package struct ConfigFile: Sendable {
    /// The most bytes a configuration file may have.
    package static let limit = 262_144

    /// One `key = value` line.
    package struct Entry: Sendable, Equatable {
        /// A long flag, without the dashes.
        package let key: String
        /// The rest of the line, taken literally.
        package let value: String
        /// Line number, from 1.
        package let line: Int
    }

    /// What a program accepts.
    package struct Schema: Sendable {
        /// Names allowed as `[program]` headings.
        package let programs: [String]
        /// The program that reads; entries of other programs' sections are skipped unread.
        package let program: String
        /// Keys of this program.
        package let keys: Set<String>
        /// Those of `keys` that may stand on several lines.
        package let repeatable: Set<String>
        /// Those of `repeatable` whose values are `name=value`: a program's own lines are added to those above the
        /// sections instead of replacing them, name by name.
        package let pairs: Set<String>
        /// Keys that other programs share; they may stand before the first heading although this one has no use.
        package let sharedKeys: Set<String>
        /// Flags of the program that a file may not set, because they are meant for a single call.
        package let commandLineOnly: Set<String>

        /// A schema of these parts.
        package init(
            programs: [String], program: String, keys: Set<String>, repeatable: Set<String>, pairs: Set<String>,
            sharedKeys: Set<String>, commandLineOnly: Set<String> = []
        ) {
            self.programs = programs
            self.program = program
            self.keys = keys
            self.repeatable = repeatable
            self.pairs = pairs
            self.sharedKeys = sharedKeys
            self.commandLineOnly = commandLineOnly
        }
    }

    /// The file's path, as the user gave it.
    package let path: String
    /// The entries that hold for the program, in the order of the file, sections' precedence applied.
    package let entries: [Entry]
    /// Every mistake in the file.
    package let problems: [UsageProblem]

    /// Reads and parses `path`. Mistakes, an unreadable file included, are in `problems`.
    ///
    /// Blocks on the file system: call it at start-up.
    package init(path: String, schema: Schema) {
        do throws(BoundedFile.Failure) {
            let contents = try BoundedFile.read(path, limit: Self.limit)
            self.init(path: path, bytes: contents.bytes, schema: schema)
        } catch {
            self.init(path: path, entries: [], problems: [UsageProblem("--config", "\(path) \(error.description)")])
        }
    }

    /// Parses `bytes` as the content of `path`.
    package init(path: String, bytes: [UInt8], schema: Schema) {
        var parser = ConfigFileParser(path: path, schema: schema)
        parser.parse(bytes)
        self.init(path: path, entries: parser.entries, problems: parser.problems)
    }

    private init(path: String, entries: [Entry], problems: [UsageProblem]) {
        self.path = path
        self.entries = entries
        self.problems = problems
    }
}
