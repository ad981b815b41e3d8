import Configuration

/// A JSON document whose text depends on nothing but its content: objects keep the order they are given in.
package enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// Not a number and infinities, which JSON does not know, are written as null.
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([Member])

    /// One name and value of an object.
    package struct Member: Sendable, Equatable {
        /// The member's name.
        package let name: String
        /// The member's value.
        package let value: JSONValue

        /// The member `name`, `value`.
        package init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// The value on one line, for JSON lines.
    package var line: String {
        var writer = JSONWriter(isIndented: false)
        writer.write(self)
        return writer.text
    }

    /// The value with a line for every member, for one document that people may read too.
    package var document: String {
        var writer = JSONWriter(isIndented: true)
        writer.write(self)
        return writer.text
    }

    /// The value of an object's member.
    package subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// Text.
    package init(stringLiteral value: String) { self = .string(value) }
    /// A whole number.
    package init(integerLiteral value: Int64) { self = .integer(value) }
    /// True or false.
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    /// Null.
    package init(nilLiteral: ()) { self = .null }
    /// An array.
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// An object, in the order written.
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }
    /// A whole number.
    package init(_ value: Int) { self = .integer(Int64(value)) }
    /// A whole number, null for nil.
    package init(_ value: Int64?) { self = value.map { .integer($0) } ?? .null }
    /// Text, null for nil.
    package init(_ value: String?) { self = value.map { .string($0) } ?? .null }
}

/// Writes JSON text.
struct JSONWriter {
    private(set) var text = ""
    private let isIndented: Bool
    private var depth = 0

    init(isIndented: Bool) { self.isIndented = isIndented }

    mutating func write(_ value: JSONValue) {
        switch value {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .number(let value): text += value.isFinite ? value.description : "null"
        case .string(let value): write(value)
        case .array(let values):
            write(values, "[", "]") { writer, value in writer.write(value) }
        case .object(let members):
            write(members, "{", "}") { writer, member in
                writer.write(member.name)
                writer.text += writer.isIndented ? ": " : ":"
                writer.write(member.value)
            }
        }
    }

    private mutating func write<Element>(
        _ elements: [Element], _ open: String, _ close: String, _ body: (inout JSONWriter, Element) -> Void
    ) {
        text += open
        depth += 1
        for (index, element) in elements.enumerated() {
            if index > 0 { text += "," }
            breakLine()
            body(&self, element)
        }
        depth -= 1
        if !elements.isEmpty { breakLine() }
        text += close
    }

    private mutating func breakLine() {
        if isIndented { text += "\n" + String(repeating: "  ", count: depth) }
    }

    /// Quotes and backslashes are escaped, and so is everything that a terminal might obey (see `PrintableText`).
    private mutating func write(_ string: String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where PrintableText.isHarmless(scalar): text.unicodeScalars.append(scalar)
            default:
                for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
                    let digits = String(unit, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            }
        }
        text += "\""
    }
}
