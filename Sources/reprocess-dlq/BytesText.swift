import CommandLine
import Configuration

/// Keys and header values for people: text where they are text, else hexadecimal digits. Bounded, and covered as far as
/// asked.
enum BytesText {
    /// The text that bytes are, nil where they are no UTF-8 or hold control characters other than white space.
    static func text(_ bytes: [UInt8]) -> String? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        let isReadable = text.unicodeScalars.allSatisfy { scalar in
            scalar.value >= 0x20 && scalar.value != 0x7F || scalar == "\n" || scalar == "\r" || scalar == "\t"
        }
        return isReadable ? text : nil
    }

    /// On one line: at most `limit` characters of text, or of bytes that are none.
    static func line(_ bytes: [UInt8]?, limit: Int, reveals: Bool) -> String {
        guard let bytes else { return "(null)" }
        if bytes.isEmpty { return "(empty)" }
        guard let text = text(bytes) else {
            return hexadecimal(bytes, limit: limit / 2, reveals: reveals) + " (\(HumanText.bytes(bytes.count)))"
        }
        // What is cut off is not looked at: an address may be as long as the limit.
        let shown = text.count > limit + 400 ? String(text.prefix(limit + 400)) : text
        let masked = reveals ? shown : PersonalData.masked(shown)
        guard masked.count > limit || shown.count < text.count else { return PrintableText.escaped(masked) }
        return PrintableText.escaped(String(masked.prefix(limit))) + "… (\(HumanText.bytes(bytes.count)))"
    }

    /// Digits of the first `limit` bytes; what looks like an address in them is covered with `··`.
    static func hexadecimal(_ bytes: [UInt8], limit: Int, reveals: Bool) -> String {
        let covered = reveals ? nil : PersonalData.covered(Array(bytes.prefix(limit + 400)))
        var text = ""
        for (index, byte) in bytes.prefix(limit).enumerated() {
            text += covered?[index] == true ? "··" : byte.hexadecimal
        }
        return text + (bytes.count > limit ? "…" : "")
    }
}
