/// A horizontal bar of characters.
package enum Bar {
    private static let eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

    /// A bar of exactly `width` columns, filled for `part` of `whole`; in eighths of a column where the style has the
    /// characters, else with `#`. A part that is not zero always shows.
    package static func text(part: Int, of whole: Int, width: Int, style: TextStyle) -> String {
        let share = whole > 0 ? min(max(Double(part) / Double(whole), 0), 1) : 0
        if !style.isUnicode {
            let filled = part > 0 ? max(1, Int(share * Double(width))) : 0
            return String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
        }
        let units = part > 0 ? max(1, Int(share * Double(width * 8))) : 0
        let full = String(repeating: "█", count: units / 8) + eighths[units % 8]
        return full + String(repeating: " ", count: width - units / 8 - (units % 8 > 0 ? 1 : 0))
    }
}
