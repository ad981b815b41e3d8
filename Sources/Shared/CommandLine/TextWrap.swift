/// Breaks running text into lines.
package enum TextWrap {
    /// `text` in lines of at most `width` columns, broken at blanks and line breaks; a word that is longer stands
    /// alone on its line.
    package static func lines(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
            var line = ""
            var used = 0
            for word in paragraph.split(separator: " ") {
                let columns = DisplayWidth.columns(word)
                if used > 0, used + 1 + columns > width {
                    lines.append(line)
                    line = ""
                    used = 0
                }
                line += used > 0 ? " \(word)" : String(word)
                used += (used > 0 ? 1 : 0) + columns
            }
            lines.append(line)
        }
        return lines
    }

    /// `text` wrapped to `width`, every line behind `indent` blanks.
    static func paragraph(_ text: String, width: Int, indent: Int) -> String {
        let margin = String(repeating: " ", count: indent)
        return lines(text, width: max(20, width - indent)).map { margin + $0 + "\n" }.joined()
    }
}
