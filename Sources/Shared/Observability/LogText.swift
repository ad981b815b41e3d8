/// Escapes text for log lines, the same for both formats (RFC 8259's escapes).
enum LogText {
    /// Whether the text format may show it without quotes.
    static func isPlain(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= LogLine.maximumValueLength
            && text.utf8.allSatisfy {
                $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "=")
                    && $0 != UInt8(ascii: "\\")
            }
    }

    static func appendQuoted(_ text: String, limit: Int, to line: inout [UInt8]) {
        line.append(UInt8(ascii: "\""))
        appendEscaped(text, limit: limit, quotes: true, to: &line)
        line.append(UInt8(ascii: "\""))
    }

    /// Escapes what is no printable character, and with `quotes` the quotation mark. `limit` is in bytes written, so
    /// that escapes cannot multiply the length.
    static func appendEscaped(_ text: String, limit: Int, quotes: Bool, to line: inout [UInt8]) {
        let start = line.count
        for scalar in text.unicodeScalars {
            if line.count - start + 12 > limit {
                line.append(contentsOf: "…".utf8)
                return
            }
            switch scalar {
            case "\"" where quotes: line.append(contentsOf: #"\""#.utf8)
            case "\\": line.append(contentsOf: #"\\"#.utf8)
            case "\n": line.append(contentsOf: #"\n"#.utf8)
            case "\r": line.append(contentsOf: #"\r"#.utf8)
            case "\t": line.append(contentsOf: #"\t"#.utf8)
            case _ where mustEscape(scalar): appendCode(scalar, to: &line)
            default: UTF8.encode(scalar)?.forEach { line.append($0) }
            }
        }
    }

    /// Controls (C0, DEL, C1), line and paragraph separators, and what turns the direction of text around.
    private static func mustEscape(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7f...0x9f, 0x2028, 0x2029, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069, 0xfeff: true
        default: false
        }
    }

    /// All that are escaped lie in the basic plane.
    private static func appendCode(_ scalar: Unicode.Scalar, to line: inout [UInt8]) {
        let hex = Array("0123456789abcdef".utf8)
        line.append(contentsOf: #"\u"#.utf8)
        for shift in [12, 8, 4, 0] { line.append(hex[Int(scalar.value >> UInt32(shift)) & 15]) }
    }
}
