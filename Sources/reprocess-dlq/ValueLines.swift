import CommandLine
import Configuration

/// A decoded value as indented lines: one a field, the names padded to one width.
enum ValueLines {
    /// The longest text of one line, in characters.
    private static let limit = 1_000

    static func lines(_ value: JSONValue) -> [String] {
        switch value {
        case .object(let members): members.isEmpty ? ["  (no fields)"] : fields(members, indent: 2)
        case .array(let items): items.isEmpty ? ["  (no items)"] : self.items(items, indent: 2)
        default: ["  \(scalar(value))"]
        }
    }

    private static func fields(_ members: [JSONValue.Member], indent: Int) -> [String] {
        let names = members.map { PrintableText.escaped($0.name, limit: 60) }
        let width = names.map { DisplayWidth.columns($0) }.max() ?? 0
        return zip(names, members).flatMap { name, member in
            entry(DisplayWidth.padded(name, to: width), member.value, indent)
        }
    }

    private static func items(_ items: [JSONValue], indent: Int) -> [String] {
        items.enumerated().flatMap { index, item in entry("[\(index)]", item, indent) }
    }

    private static func entry(_ label: String, _ value: JSONValue, _ indent: Int) -> [String] {
        let margin = String(repeating: " ", count: min(indent, 60))
        switch value {
        case .object(let members) where !members.isEmpty:
            return ["\(margin)\(label)"] + fields(members, indent: indent + 2)
        case .array(let values) where !values.isEmpty:
            return ["\(margin)\(label)"] + items(values, indent: indent + 2)
        default: return ["\(margin)\(label)  \(scalar(value))"]
        }
    }

    private static func scalar(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): text.isEmpty ? "(empty)" : PrintableText.escaped(text, limit: limit)
        case .object: "(empty)"
        case .array: "(empty)"
        default: value.line
        }
    }
}
