/// Numbers, sizes and lengths of time for people.
package enum HumanText {
    /// `1,234,567`.
    package static func count(_ number: some BinaryInteger) -> String {
        let digits = String(number.magnitude)
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { result.append(",") }
            result.append(digit)
        }
        return number < 0 ? "-\(result)" : result
    }

    /// `12,345/s`, below 10 with one decimal.
    package static func rate(_ perSecond: Double) -> String {
        guard perSecond.isFinite, perSecond < 1e15 else { return "?/s" }
        if perSecond > 0, perSecond < 9.95 { return "\(oneDecimal(perSecond))/s" }
        return "\(count(Int(perSecond.rounded())))/s"
    }

    /// `3.4%`, `100%`; a part that is not zero never shows as 0.0%, nor one that is not all as 100%.
    package static func percent(_ part: Int, of whole: Int) -> String {
        guard whole > 0 else { return "-" }
        if part >= whole { return "100%" }
        if part <= 0 { return "0%" }
        let share = Double(part) * 100 / Double(whole)
        return share < 0.1 ? "<0.1%" : "\(oneDecimal(min(share, 99.9)))%"
    }

    /// `64 KiB`, `1.5 MiB`; exact below 1,024 bytes.
    package static func bytes(_ count: Int) -> String {
        var value = Double(count)
        var unit = 0
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
        while value.magnitude >= 1_024, unit < units.count - 1 {
            value /= 1_024
            unit += 1
        }
        return unit == 0 ? "\(count) B" : "\(oneDecimal(value)) \(units[unit])"
    }

    /// Two units of a length of time: `350ms`, `4.2s`, `3m 05s`, `2h 10m`, `12d 3h`.
    package static func duration(_ duration: Duration) -> String {
        let parts = duration.components
        let seconds = parts.seconds
        if seconds < 0 || parts.attoseconds < 0 { return "0s" }
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        switch seconds {
        case 0: return "\(parts.attoseconds / 1_000_000_000_000_000)ms"
        case 1..<10: return "\(seconds).\(parts.attoseconds / 100_000_000_000_000_000)s"
        case ..<60: return "\(seconds)s"
        case ..<3_600: return "\(seconds / 60)m \(two(seconds % 60))s"
        case ..<86_400: return "\(seconds / 3_600)h \(two(seconds / 60 % 60))m"
        default: return "\(seconds / 86_400)d \(seconds / 3_600 % 24)h"
        }
    }

    /// How long before `now` a time was: `3m 05s ago`; `in 2h 10m` for one to come.
    package static func age(_ time: TimePoint, now: TimePoint) -> String {
        let (difference, isTooLarge) = now.milliseconds.subtractingReportingOverflow(time.milliseconds)
        if isTooLarge { return "?" }
        let length = duration(.milliseconds(Int64(clamping: difference.magnitude)))
        return difference < 0 ? "in \(length)" : "\(length) ago"
    }

    private static func oneDecimal(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\((tenths % 10).magnitude)"
    }
}
