/// How many terminal columns text takes, after UAX #11 (East Asian Width) and the emoji rules of UTS #51.
package enum DisplayWidth {
    /// The columns of `text`, which holds no control characters (escape it first: those count nothing here).
    package static func columns(_ text: some StringProtocol) -> Int {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
        return text.reduce(0) { $0 + columns($1) }
    }

    /// The columns of one user-perceived character.
    static func columns(_ character: Character) -> Int {
        let scalars = character.unicodeScalars
        guard let first = scalars.first else { return 0 }
        if scalars.count == 1 { return columns(first) }
        let isEmojiSequence =
            scalars.contains { $0.value == 0xFE0F || $0.value == 0x20E3 }
            || (scalars.contains { $0.value == 0x200D } && scalars.contains { $0.properties.isEmojiPresentation })
            || isRegionalIndicator(first)
        if isEmojiSequence { return 2 }
        return scalars.reduce(0) { $0 + columns($1) }
    }

    /// The beginning of `text` that fits into `limit` columns, with `ellipsis` at its end if anything was cut.
    package static func cut(_ text: String, to limit: Int, ellipsis: String = "…") -> String {
        if columns(text) <= limit { return text }
        let available = limit - columns(ellipsis)
        guard available >= 0 else { return "" }
        var result = ""
        var used = 0
        for character in text {
            let width = columns(character)
            if used + width > available { break }
            result.append(character)
            used += width
        }
        return result + ellipsis
    }

    /// `text` filled with blanks to `width` columns, on its left if `isRight`.
    package static func padded(_ text: String, to width: Int, isRight: Bool = false) -> String {
        let fill = String(repeating: " ", count: max(0, width - columns(text)))
        return isRight ? fill + text : text + fill
    }

    private static func columns(_ scalar: Unicode.Scalar) -> Int {
        let value = scalar.value
        if value < 0x300 { return value < 0x20 || (0x7F..<0xA0).contains(value) || value == 0xAD ? 0 : 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: break
        }
        // Vowels and final consonants of Hangul syllables join the consonant before them.
        if (0x1160...0x11FF).contains(value) || (0xD7B0...0xD7FF).contains(value) { return 0 }
        if scalar.properties.isEmojiPresentation && !isRegionalIndicator(scalar) { return 2 }
        return wide.contains { $0.contains(value) } ? 2 : 1
    }

    private static func isRegionalIndicator(_ scalar: Unicode.Scalar) -> Bool {
        (0x1F1E6...0x1F1FF).contains(scalar.value)
    }

    /// Blocks whose characters are Wide or Fullwidth.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
        0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F,
        0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF, 0x1F200...0x1F2FF,
        0x20000...0x3FFFD,
    ]
}
