import Configuration

/// Reads the plain types of options from text.
package enum ValueText {
    /// A whole number in `range`; digits with an optional sign, `_` and `,` are not accepted.
    package static func integer(_ text: String, in range: ClosedRange<Int>) throws(ValueError) -> Int {
        let expected = expectation(range)
        guard text.utf8.count <= 20, let number = Int(text) else {
            throw ValueError(text, isNot: "a whole number", give: expected)
        }
        guard range.contains(number) else { throw ValueError("\(number) is out of range; give \(expected)") }
        return number
    }

    /// A size: a whole number of bytes, or one with `kB`, `MB`, `GB` (thousands) or `KiB`, `MiB`, `GiB` (1,024s);
    /// the single letters `k`, `M`, `G` count 1,024s.
    package static func size(_ text: String, in range: ClosedRange<Int>) throws(ValueError) -> Int {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let units = [
            "": 1, "b": 1, "k": 1 << 10, "kib": 1 << 10, "m": 1 << 20, "mib": 1 << 20, "g": 1 << 30, "gib": 1 << 30,
            "kb": 1_000, "mb": 1_000_000, "gb": 1_000_000_000,
        ]
        guard digits.utf8.count <= 18, let number = Int(digits),
            let unit = units[text.dropFirst(digits.count).lowercased()]
        else { throw ValueError(text, isNot: "a size", give: "a number of bytes, or one such as 64KiB or 10MB") }
        let (bytes, isTooLarge) = number.multipliedReportingOverflow(by: unit)
        guard !isTooLarge, range.contains(bytes) else {
            throw ValueError("\(PrintableText.quoted(text)) is out of range; give \(expectation(range)) bytes")
        }
        return bytes
    }

    /// Text of 1 to `limit` bytes without control characters.
    package static func text(_ text: String, limit: Int) throws(ValueError) -> String {
        guard !text.isEmpty else { throw ValueError("the value is empty") }
        guard text.utf8.count <= limit else {
            throw ValueError("\(text.utf8.count) bytes are too long; at most \(limit) are allowed")
        }
        guard text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
            throw ValueError("\(PrintableText.quoted(text)) holds control characters")
        }
        return text
    }

    /// The name of a Kafka topic: 1 to 249 of the characters that Kafka allows.
    package static func topic(_ text: String) throws(ValueError) -> String {
        let isLegal = text.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || ".-_".utf8.contains(byte)
        }
        guard isLegal, (1...249).contains(text.utf8.count), text != ".", text != ".." else {
            throw ValueError(text, isNot: "a topic name", give: "1 to 249 letters, digits, dots, - and _")
        }
        return text
    }

    /// The name of a consumer group or run: 1 to 200 bytes without `/` and control characters.
    package static func name(_ text: String) throws(ValueError) -> String {
        guard !text.utf8.contains(UInt8(ascii: "/")) else {
            throw ValueError(
                "\(PrintableText.quoted(text)) holds a /, which separates the parts of progress keys; leave it out")
        }
        return try self.text(text, limit: 200)
    }

    /// A member of an enumeration by its raw value.
    package static func choice<Value: RawRepresentable & CaseIterable>(
        _ text: String, as type: Value.Type
    ) throws(ValueError) -> Value where Value.RawValue == String {
        if let value = Value(rawValue: text) { return value }
        let names = Value.allCases.map(\.rawValue)
        let hint = Nearest.match(text, among: names).map { "; did you mean \($0)?" } ?? ""
        throw ValueError("\(PrintableText.quoted(text)) is not one of \(names.joined(separator: ", "))\(hint)")
    }

    private static func expectation(_ range: ClosedRange<Int>) -> String {
        range.upperBound == .max
            ? "\(HumanText.count(range.lowerBound)) or more"
            : "\(HumanText.count(range.lowerBound)) to \(HumanText.count(range.upperBound))"
    }
}
