/// The state of parsing one configuration file: see `ConfigFile` for the format.
struct ConfigFileParser {
    private enum Section { case everyProgram, own, other }

    private let path: String
    private let schema: ConfigFile.Schema
    private var section = Section.everyProgram
    private var shared: [ConfigFile.Entry] = []
    private var own: [ConfigFile.Entry] = []
    private(set) var problems: [UsageProblem] = []

    init(path: String, schema: ConfigFile.Schema) {
        self.path = path
        self.schema = schema
    }

    /// The entries for the program; a key of its own section replaces the same key above the sections.
    var entries: [ConfigFile.Entry] {
        let overridden = Set(own.map(\.key)).subtracting(schema.pairs)
        return shared.filter { !overridden.contains($0.key) && schema.keys.contains($0.key) } + own
    }

    mutating func parse(_ bytes: [UInt8]) {
        var rest = bytes[...]
        if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest.removeFirst(3) }
        for (index, line) in rest.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            // A file of a wrong kind (an archive, a core dump) is not worth a thousand messages.
            guard problems.count < 50 else {
                report(index + 1, "further lines were not read: this does not look like a configuration file")
                return
            }
            parse(line: line, number: index + 1)
        }
    }

    private mutating func parse(line bytes: ArraySlice<UInt8>, number: Int) {
        guard let raw = String(validating: bytes, as: UTF8.self) else {
            report(number, "not UTF-8 text")
            return
        }
        let line = Self.trimmed(raw[...])
        if line.isEmpty || line.hasPrefix("#") { return }
        guard !line.unicodeScalars.contains(where: { $0.properties.generalCategory == .control && $0 != "\t" }) else {
            report(number, "holds a control character")
            return
        }
        if line.hasPrefix("[") {
            parse(heading: line, number: number)
        } else {
            parse(entry: line, number: number)
        }
    }

    private mutating func parse(heading: Substring, number: Int) {
        // Below a heading that cannot be read, keys could belong to any program: they are not judged.
        section = .other
        guard heading.hasSuffix("]") else {
            report(number, "a heading ends with ], as in [\(schema.program)]")
            return
        }
        let name = String(Self.trimmed(heading.dropFirst().dropLast()))
        if name == schema.program {
            section = .own
        } else if !schema.programs.contains(name) {
            let right = Nearest.match(name, among: schema.programs).map { "did you mean [\($0)]?" }
            report(
                number,
                "unknown program \(quote(name)); \(right ?? "one of \(schema.programs.joined(separator: ", "))")")
        }
    }

    private mutating func parse(entry line: Substring, number: Int) {
        if case .other = section { return }
        guard let equals = line.firstIndex(of: "=") else {
            report(number, "no = in it; lines are key = value")
            return
        }
        let key = String(Self.trimmed(line[..<equals]))
        let value = String(Self.trimmed(line[line.index(after: equals)...]))
        guard isKnown(key) else {
            report(number, unknown(key))
            return
        }
        guard !value.isEmpty else {
            report(number, "\(key) has no value; give one or remove the line")
            return
        }
        let entry = ConfigFile.Entry(key: key, value: value, line: number)
        if let earlier = (section == .own ? own : shared).first(where: { contradicts($0, entry) }) {
            // A key that only other programs use may be repeatable there.
            guard schema.keys.contains(key) else { return }
            let name = schema.pairs.contains(key) ? "\(key) \(quote(Self.pairName(value)))" : key
            report(number, "\(name) is set twice, first in line \(earlier.line); keep one")
            return
        }
        if section == .own { own.append(entry) } else { shared.append(entry) }
    }

    private func contradicts(_ earlier: ConfigFile.Entry, _ entry: ConfigFile.Entry) -> Bool {
        guard earlier.key == entry.key else { return false }
        if schema.pairs.contains(entry.key) { return Self.pairName(earlier.value) == Self.pairName(entry.value) }
        return !schema.repeatable.contains(entry.key)
    }

    private static func pairName(_ value: String) -> String { String(value.prefix { $0 != "=" }) }

    private func isKnown(_ key: String) -> Bool {
        schema.keys.contains(key) || (section == .everyProgram && schema.sharedKeys.contains(key))
    }

    private func unknown(_ key: String) -> String {
        let bare = String(key.drop { $0 == "-" })
        if schema.commandLineOnly.contains(bare) {
            return "--\(bare) is meant for a single call: give it on the command line, and remove this line"
        }
        if bare != key, schema.keys.contains(bare) { return "write \(bare) without the dashes" }
        let hint = Nearest.match(key, among: schema.keys.sorted()).map { "; did you mean \($0)?" }
        return "unknown key \(quote(key))\(hint ?? "; keys are the long flags without the dashes, see --help")"
    }

    private mutating func report(_ line: Int, _ message: String) {
        problems.append(UsageProblem("\(path):\(line)", message))
    }

    private func quote(_ text: String) -> String { PrintableText.quoted(text) }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let first = text.unicodeScalars.first, isBlank(first) { text.unicodeScalars.removeFirst() }
        while let last = text.unicodeScalars.last, isBlank(last) { text.unicodeScalars.removeLast() }
        return text
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" || scalar == "\r" }
}
