/// How text is laid out for one output: width, colour and the characters that can be shown.
package struct TextStyle: Sendable, Equatable {
    /// Columns of the terminal; nil for files and pipes, where nothing is cut.
    package let width: Int?
    /// Whether escape sequences may be written.
    package let hasColour: Bool
    /// Whether characters beyond ASCII can be shown.
    package let isUnicode: Bool

    /// A style of these properties.
    package init(width: Int?, hasColour: Bool, isUnicode: Bool) {
        self.width = width
        self.hasColour = hasColour
        self.isUnicode = isUnicode
    }

    /// For files and pipes.
    package static let plain = TextStyle(width: nil, hasColour: false, isUnicode: true)

    /// The width for running text: the terminal's, 80 where there is none, never more than 100 (long lines are hard
    /// to read) and never less than 40.
    var textWidth: Int { min(max(width ?? 80, 40), 100) }

    /// Headings and names.
    package func bold(_ text: String) -> String { styled(text, "1") }
    /// Less important text.
    package func dim(_ text: String) -> String { styled(text, "2") }
    /// Errors.
    package func red(_ text: String) -> String { styled(text, "31") }
    /// Warnings.
    package func yellow(_ text: String) -> String { styled(text, "33") }
    /// Bars.
    package func cyan(_ text: String) -> String { styled(text, "36") }

    private func styled(_ text: String, _ code: String) -> String {
        hasColour && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
