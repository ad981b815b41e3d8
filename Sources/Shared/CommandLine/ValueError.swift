import Configuration

/// Why a text is not a value of the type that is wanted: says what was given and what would be right.
package struct ValueError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong with the value, and what would be right.
    package let description: String

    /// A free message.
    package init(_ message: String) { description = message }

    /// `'text' is not a KIND; give EXPECTED`.
    package init(_ text: String, isNot kind: String, give expected: String) {
        description = "\(PrintableText.quoted(text)) is not \(kind); give \(expected)"
    }
}
