/// Text from outside (arguments, files, records) made safe to print.
package enum PrintableText {
    /// `text` with everything that could steer a terminal or reorder a line written as an escape: C0 and C1
    /// controls, DEL, bidirectional overrides and isolates, line and paragraph separators, other invisible format
    /// characters. Joiners (U+200C, U+200D) stay, because emoji and several scripts need them, but no more than four
    /// marks in a row, so that stacked accents cannot cover the lines above. At most `limit` characters are kept.
    package static func escaped(_ text: String, limit: Int = .max) -> String {
        if isPlain(text), limit == .max || text.utf8.count <= limit { return text }
        var result = ""
        result.reserveCapacity(min(text.utf8.count, limit) + 8)
        var count = 0
        var marks = 0
        for scalar in text.unicodeScalars {
            if count == limit {
                result += "…"
                break
            }
            if scalar.properties.canonicalCombiningClass != .notReordered { marks += 1 } else { marks = 0 }
            if marks > 4 { continue }
            append(scalar, to: &result)
            count += 1
        }
        return result
    }

    /// `text` escaped, cut to `limit` characters and put in single quotes: how messages quote what a user gave.
    package static func quoted(_ text: String, limit: Int = 80) -> String {
        "'\(escaped(text, limit: limit))'"
    }

    /// True when a terminal may be given this character as it is.
    package static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E: return true
        case 0..<0xA0: return false
        case 0x200C, 0x200D: return true
        default: break
        }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
            return false
        default: return true
        }
    }

    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
    }

    private static func append(_ scalar: Unicode.Scalar, to result: inout String) {
        if isHarmless(scalar) {
            result.unicodeScalars.append(scalar)
            return
        }
        switch scalar {
        case "\n": result += "\\n"
        case "\r": result += "\\r"
        case "\t": result += "\\t"
        default: result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
        }
    }
}
