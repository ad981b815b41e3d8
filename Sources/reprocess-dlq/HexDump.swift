/// A part of a record's body, sixteen bytes a line, as `hexdump -C` writes it.
enum HexDump {
    /// The most bytes shown.
    static let limit = 256

    /// - Parameters:
    ///   - focus: the byte that matters; the part around it is shown and its line marked.
    ///   - reveals: false covers what looks like an email address or a token.
    static func lines(_ bytes: [UInt8], focus: Int?, reveals: Bool) -> [String] {
        let covered = reveals ? [Bool](repeating: false, count: bytes.count) : PersonalData.covered(bytes)
        let first = max(0, min((focus ?? 0) - limit / 2, bytes.count - limit)) / 16 * 16
        let end = min(bytes.count, first + limit)
        var lines: [String] = []
        if first > 0 { lines.append("   … \(first) bytes before") }
        for start in stride(from: first, to: end, by: 16) {
            let range = start..<min(start + 16, end)
            let isFocus = focus.map { range.contains($0) || ($0 >= bytes.count && range.upperBound == end) } ?? false
            lines.append(line(bytes, covered, range, isMarked: isFocus))
        }
        if end < bytes.count { lines.append("   … \(bytes.count - end) bytes more") }
        return lines
    }

    private static func line(_ bytes: [UInt8], _ covered: [Bool], _ range: Range<Int>, isMarked: Bool) -> String {
        var digits = ""
        var text = ""
        for position in range.lowerBound..<range.lowerBound + 16 {
            if position == range.lowerBound + 8 { digits += " " }
            guard range.contains(position) else {
                digits += "   "
                continue
            }
            let byte = bytes[position]
            digits += (covered[position] ? "··" : byte.hexadecimal) + " "
            let isShown = (0x20..<0x7F).contains(byte) && !covered[position]
            text.unicodeScalars.append(isShown ? Unicode.Scalar(byte) : ".")
        }
        let offset = String(range.lowerBound, radix: 16)
        let padded = String(repeating: "0", count: max(0, 6 - offset.count)) + offset
        return "\(isMarked ? " > " : "   ")\(padded)  \(digits) |\(text)|"
    }
}

extension UInt8 {
    /// Two hexadecimal digits.
    var hexadecimal: String {
        let digits = String(self, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
    }
}
