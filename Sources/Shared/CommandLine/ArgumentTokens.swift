import Configuration

/// An argument list split into flags and words by the rules of getopt_long, with the mistakes found on the way.
///
/// `--flag value`, `--flag=value`, `-x value`, `-xvalue`, `-x=value`, clustered toggles (`-ny`), `--` ends the flags.
/// A value may begin with a dash if it cannot be a flag: `--since -2h`, `--offset -1`, `-` alone.
struct ArgumentTokens {
    /// One flag as it was given.
    struct Occurrence {
        let flag: Flag
        let value: String
    }

    private(set) var occurrences: [Occurrence] = []
    /// Words before `--`, among which the command is.
    private(set) var words: [String] = []
    /// Words after `--`.
    private(set) var literals: [String] = []
    private(set) var problems: [UsageProblem] = []

    private let table: FlagTable
    private let byLong: [String: Flag]
    private let byShort: [Character: Flag]
    private var rest: ArraySlice<String>

    init(_ arguments: [String], table: FlagTable) {
        self.table = table
        let flags = table.allFlags
        byLong = Dictionary(flags.map { ($0.long, $0) }, uniquingKeysWith: { first, _ in first })
        byShort = Dictionary(
            flags.compactMap { flag in flag.short.map { ($0, flag) } }, uniquingKeysWith: { first, _ in first })
        rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--" {
                literals = Array(rest)
                break
            }
            if argument.hasPrefix("--") {
                readLong(argument)
            } else if looksLikeShort(argument) {
                readCluster(argument)
            } else {
                words.append(argument)
            }
        }
    }

    /// True for `-x…`, false for `-` and for negative numbers and times such as `-2h`.
    private func looksLikeShort(_ argument: String) -> Bool {
        guard argument.hasPrefix("-"), let second = argument.dropFirst().first else { return false }
        return !(second.isASCII && second.isNumber)
    }

    private mutating func readLong(_ argument: String) {
        let body = argument.dropFirst(2)
        let equals = body.firstIndex(of: "=")
        let name = String(equals.map { body[..<$0] } ?? body)
        let attached = equals.map { String(body[body.index(after: $0)...]) }
        guard let flag = byLong[name] else {
            reportUnknownLong(name, hasValue: attached != nil)
            return
        }
        if !flag.takesValue {
            readToggle(flag, spelled: "--\(name)", attached)
        } else if let value = attached ?? nextValue() {
            add(flag, value, spelled: "--\(name)")
        } else {
            reportMissing(flag, spelled: "--\(name)")
        }
    }

    private mutating func readCluster(_ argument: String) {
        var letters = argument.dropFirst()
        while let letter = letters.popFirst() {
            guard let flag = byShort[letter] else {
                reportUnknownShort(letter, in: argument)
                return
            }
            if flag.takesValue {
                if letters.first == "=" { letters.removeFirst() }
                let attached = letters.isEmpty ? nil : String(letters)
                if let value = attached ?? nextValue() {
                    add(flag, value, spelled: "-\(letter)")
                } else {
                    reportMissing(flag, spelled: "-\(letter)")
                }
                return
            }
            if letters.first == "=" {
                readToggle(flag, spelled: "-\(letter)", String(letters.dropFirst()))
                return
            }
            readToggle(flag, spelled: "-\(letter)", nil)
        }
    }

    private mutating func readToggle(_ flag: Flag, spelled: String, _ attached: String?) {
        guard let attached else {
            occurrences.append(Occurrence(flag: flag, value: "true"))
            return
        }
        guard let isOn = Toggle.value(attached) else {
            problems.append(
                UsageProblem(spelled, "takes no value, but got \(PrintableText.quoted(attached)); leave it out"))
            return
        }
        occurrences.append(Occurrence(flag: flag, value: isOn ? "true" : "false"))
    }

    private mutating func add(_ flag: Flag, _ value: String, spelled: String) {
        guard !value.isEmpty else {
            problems.append(UsageProblem(spelled, "the value is empty; give \(flag.placeholder) or leave the flag out"))
            return
        }
        occurrences.append(Occurrence(flag: flag, value: value))
    }

    /// The next argument if it can be a value: not a flag, not `--`.
    private mutating func nextValue() -> String? {
        guard let next = rest.first, !next.hasPrefix("--") else { return nil }
        if looksLikeShort(next), let letter = next.dropFirst().first, byShort[letter] != nil { return nil }
        return rest.popFirst()
    }

    private mutating func reportMissing(_ flag: Flag, spelled: String) {
        let next = rest.first.map { $0 == "--" ? "" : " before \(PrintableText.quoted($0, limit: 40))" } ?? ""
        problems.append(UsageProblem(spelled, "its value is missing\(next); give \(spelled) \(flag.placeholder)"))
    }

    private mutating func reportUnknownLong(_ name: String, hasValue: Bool) {
        let right = Nearest.match(name, among: Array(byLong.keys).sorted()).flatMap { byLong[$0] }
        if !hasValue { skipValue(of: right) }
        let hint = right.map { "did you mean --\($0.long)?" } ?? "see --help for the flags there are"
        problems.append(UsageProblem("--\(name)", "unknown flag; \(hint)"))
    }

    /// Skips the word after an unknown flag if it is most likely its value, so that one mistake is not reported twice.
    private mutating func skipValue(of right: Flag?) {
        guard let next = rest.first, !next.hasPrefix("-") else { return }
        let isCommand = table.subcommands.contains { $0.words.first == next }
        if right?.takesValue ?? !isCommand { rest.removeFirst() }
    }

    private mutating func reportUnknownShort(_ letter: Character, in argument: String) {
        let name = String(argument.dropFirst().prefix { $0 != "=" })
        let hint =
            if let right = byLong[name] {
                "did you mean --\(right.long)? Long flags have two dashes"
            } else if name.count > 2, let right = Nearest.match(name, among: Array(byLong.keys).sorted()) {
                "did you mean --\(right)?"
            } else {
                "see --help for the flags there are"
            }
        if let right = byLong[name], !argument.contains("=") { skipValue(of: right) }
        let place = argument.count == 2 ? argument : "-\(letter) in \(PrintableText.quoted(argument, limit: 40))"
        problems.append(UsageProblem(place, "unknown flag; \(hint)"))
    }
}

/// Words for yes and no.
enum Toggle {
    /// The meaning of `text`, nil if it has none.
    static func value(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true", "yes", "on", "1": true
        case "false", "no", "off", "0": false
        default: nil
        }
    }
}
