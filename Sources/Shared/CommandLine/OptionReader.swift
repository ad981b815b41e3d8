package import Configuration

/// The validated stage: reads the values of a command's flags by type, notes every mistake and throws them together.
///
/// A reader that meets a mistake returns a placeholder, so that reading goes on; nothing may be done with what was
/// read before `finish()` has returned.
package struct OptionReader: Sendable {
    /// The command that was called.
    package let command: Subcommand
    /// The arguments without a dash, their number already checked.
    package let positionals: [String]
    /// The mistakes found so far.
    package private(set) var problems: [UsageProblem]
    /// What should be said although nothing is wrong, for example that a file with a password is readable by all.
    package private(set) var warnings: [String] = []

    private let table: FlagTable
    private let resolver: SettingResolver

    init(_ table: FlagTable, command: Subcommand, parsed: ParsedArguments, environment: Environment) {
        self.table = table
        self.command = command
        positionals = parsed.positionals
        problems = parsed.problems
        let withoutFile = SettingResolver(flags: parsed.values, environment: environment, file: nil)
        var file: ConfigFile?
        if let path = withoutFile.values(of: Flag.config.setting).first {
            let read = ConfigFile(path: path.text, schema: table.fileSchema)
            problems += read.problems
            file = read
        }
        resolver = SettingResolver(flags: parsed.values, environment: environment, file: file)
    }

    /// The program's name.
    package var program: String { table.program }

    /// The flags of the command.
    package var flags: [Flag] { table.flags(of: command) }

    /// Notes a mistake that concerns `flag`, naming the origin of its value.
    package mutating func report(_ flag: Flag, _ message: String) {
        note(values(of: flag).first?.origin ?? .flag, flag, message)
    }

    /// Notes a mistake in a positional argument or in how the command was called as a whole.
    package mutating func report(_ place: String, _ message: String) {
        problems.append(UsageProblem(place, message))
    }

    /// Notes a warning.
    package mutating func warn(_ message: String) {
        if !warnings.contains(message) { warnings.append(message) }
    }

    /// Ends the reading.
    /// - Throws: `UsageError` with every mistake found since the program started, if there is one.
    package func finish() throws(UsageError) {
        guard problems.isEmpty else {
            throw UsageError(program: table.program, command: command.name, problems: problems, form: form)
        }
    }

    /// What `--output` says, before it has been read: results, mistakes too, are to be of this form.
    package var form: OutputForm { values(of: .output).last.flatMap { OutputForm(rawValue: $0.text) } ?? .table }

    /// The values of `flag` as text with their origins; empty when it is not given and has no default.
    package func values(of flag: Flag) -> [SettingValue] { resolver.values(of: flag.setting) }

    /// True when the user set `flag` in any way: the value is not the default.
    package func isGiven(_ flag: Flag) -> Bool {
        values(of: flag).contains { $0.origin != .standard }
    }

    /// Notes a mistake if more than one of `flags` was given; toggles count when they are on.
    package mutating func exclusive(_ flags: [Flag], because reason: String) {
        let given = flags.filter { flag in
            flag.kind == .toggle ? values(of: flag).last.flatMap { Toggle.value($0.text) } ?? false : isGiven(flag)
        }
        guard given.count > 1 else { return }
        problems.append(UsageProblem(given.map { "--\($0.long)" }.joined(separator: " and "), reason))
    }

    /// The converted value of `flag`; nil if it is absent or `convert` threw, which is noted.
    package mutating func optional<Value>(
        _ flag: Flag, _ convert: (String) throws(ValueError) -> Value
    ) -> Value? {
        guard let value = values(of: flag).last else { return nil }
        return converted(value, flag, convert)
    }

    /// The converted value of `flag`; a mistake if it is absent. `placeholder` is returned after any mistake.
    package mutating func required<Value>(
        _ flag: Flag, placeholder: Value, _ convert: (String) throws(ValueError) -> Value
    ) -> Value {
        guard let value = values(of: flag).last else {
            let variable = flag.environment.map { ", or set \($0)" } ?? ""
            problems.append(
                UsageProblem("--\(flag.long)", "is needed: give --\(flag.long) \(flag.placeholder)\(variable)"))
            return placeholder
        }
        return converted(value, flag, convert) ?? placeholder
    }

    /// The converted values of a repeatable `flag`; those that are wrong are noted and left out.
    package mutating func list<Value>(
        _ flag: Flag, limit: Int = 1_000, _ convert: (String) throws(ValueError) -> Value
    ) -> [Value] {
        let values = values(of: flag)
        if values.count > limit { report(flag, "is given \(values.count) times; at most \(limit) are allowed") }
        var result: [Value] = []
        for value in values.prefix(limit) {
            if let converted = converted(value, flag, convert) { result.append(converted) }
        }
        return result
    }

    /// The properties of a `pairs` flag: see `KafkaProperties.read`.
    package mutating func kafkaProperties(
        _ flag: Flag = .properties, reserved: [String: String] = [:]
    ) -> KafkaProperties {
        let reading = KafkaProperties.read(values(of: flag), reserved: reserved)
        problems += reading.problems
        for warning in reading.warnings { warn(warning) }
        return reading.properties
    }

    /// The secret of a `secretFile` flag: read from the file that flag or configuration file name, or from the
    /// environment variable; nil when none is given or the file is wrong, which is noted.
    package mutating func secret(_ flag: Flag) -> Secret? {
        guard let value = values(of: flag).last else { return nil }
        if case .environment = value.origin { return Secret(value.text) }
        do throws(BoundedFile.Failure) {
            let reading = try SecretFile.read(value.text)
            if let warning = reading.warning { warn(warning) }
            return reading.secret
        } catch {
            note(value.origin, flag, "the file \(PrintableText.quoted(value.text, limit: 200)) \(error.description)")
            return nil
        }
    }

    private mutating func converted<Value>(
        _ value: SettingValue, _ flag: Flag, _ convert: (String) throws(ValueError) -> Value
    ) -> Value? {
        do throws(ValueError) {
            return try convert(value.text)
        } catch {
            note(value.origin, flag, error.description)
            return nil
        }
    }

    private mutating func note(_ origin: SettingOrigin, _ flag: Flag, _ message: String) {
        problems.append(UsageProblem(origin.place(of: flag.long), message))
    }
}

extension FlagTable {
    /// The names that may head a section of a configuration file.
    static let programs = ["reprocess-dlq", "replay", "cleanup-translations", "gamification-server"]

    /// What this program accepts in a configuration file.
    var fileSchema: ConfigFile.Schema {
        let flags = allFlags.filter(\.isInFile)
        let shared = Flag.sharedInFiles.map(\.long) + Flag.sharedKeys
        return ConfigFile.Schema(
            programs: Self.programs.contains(program) ? Self.programs : Self.programs + [program], program: program,
            keys: Set(flags.map(\.long)),
            repeatable: Set(flags.filter { $0.kind == .repeatable || $0.kind == .pairs }.map(\.long)),
            pairs: Set(flags.filter { $0.kind == .pairs }.map(\.long)), sharedKeys: Set(shared),
            commandLineOnly: Set(allFlags.filter { !$0.isInFile }.map(\.long)))
    }
}
