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

    private static let colours = ["[0m", "[1m", "[2m", "[31m", "[32m", "[33m", "[36m"]
}
