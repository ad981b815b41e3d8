import Configuration

/// Lengths of time as users type them: whole numbers with `ms`, `s`, `m`, `h` or `d`, which may follow one another
/// from large to small (`1h30m`).
package enum DurationText {
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1),
    ]

    /// Reads a length of time in `range`.
    /// - Throws: `ValueError` naming the form or the range.
    package static func parse(_ text: String, in range: ClosedRange<Duration>) throws(ValueError) -> Duration {
        guard let milliseconds = milliseconds(text) else {
            throw ValueError(text, isNot: "a length of time", give: "one such as 90d, 1h30m, 20s or 500ms")
        }
        let duration = Duration.milliseconds(milliseconds)
        guard range.contains(duration) else {
            throw ValueError(
                "\(PrintableText.quoted(text)) is out of range; give \(format(range.lowerBound)) to \(format(range.upperBound))"
            )
        }
        return duration
    }

    /// The milliseconds that `text` means, nil if it means none or more than an `Int64` holds.
    static func milliseconds(_ text: some StringProtocol) -> Int64? {
        var rest = Substring(text)
        var total: Int64 = 0
        var next = 0
        guard !rest.isEmpty, rest.utf8.count <= 60 else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            let name = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(name.count)
            guard let number = Int64(digits), let unit = units[next...].firstIndex(where: { $0.name == name }) else {
                return nil
            }
            let (part, isTooLarge) = number.multipliedReportingOverflow(by: units[unit].milliseconds)
            let (sum, isOver) = total.addingReportingOverflow(part)
            guard !isTooLarge, !isOver else { return nil }
            total = sum
            next = unit + 1
        }
        return total
    }

    /// The shortest text that `parse` reads as `duration`, cut to milliseconds.
    package static func format(_ duration: Duration) -> String {
        let parts = duration.components
        let (whole, isTooLarge) = parts.seconds.multipliedReportingOverflow(by: 1_000)
        var rest = isTooLarge ? Int64.max : whole + parts.attoseconds / 1_000_000_000_000_000
        if rest <= 0 { return "0s" }
        var text = ""
        for unit in units where rest >= unit.milliseconds {
            text += "\(rest / unit.milliseconds)\(unit.name)"
            rest %= unit.milliseconds
        }
        return text
    }
}
