import Configuration

/// The last guard before the terminal: whatever a caller forgot to escape.
enum TerminalFilter {
    /// `text` with line breaks and the colours of `TextStyle` kept, and everything else that could steer a terminal
    /// escaped.
    static func filtered(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 == 0x0A || ($0 >= 0x20 && $0 < 0x7F) }) { return text }
        var result = ""
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            if scalar == "\n" || PrintableText.isHarmless(scalar) {
                result.unicodeScalars.append(scalar)
            } else if scalar == "\u{1B}", let code = colours.first(where: { rest.starts(with: $0.unicodeScalars) }) {
                result += "\u{1B}\(code)"
                rest.removeFirst(code.unicodeScalars.count)
            } else {
                result += PrintableText.escaped(String(scalar))
            }
        }
        return result
    }

    /// The beginning of `text`, which is filtered, that fits into so many columns; a line that wrapped would push others
    /// off the screen. Colours take no room and are switched off at a cut.
    static func cut(_ text: String, to limit: Int) -> String {
        var result = ""
        var used = 0
        var rest = text[...]
        while let character = rest.first {
            if character == "\u{1B}", let code = colours.first(where: { rest.dropFirst().hasPrefix($0) }) {
                result += "\u{1B}\(code)"
                rest.removeFirst(code.count + 1)
                continue
            }
            used += DisplayWidth.columns(character)
            guard used <= limit else { return result + "\u{1B}[0m" }
            result.append(character)
            rest.removeFirst()
        }
        return result
    }

    private static let colours = ["[0m", "[1m", "[2m", "[31m", "[32m", "[33m", "[36m"]
}
