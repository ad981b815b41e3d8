import Configuration

/// Reads one RFC 3339 date-time into milliseconds since 1970.
struct RFC3339Parser {
    private let text: String
    private var rest: Substring.UTF8View

    init(_ text: String) {
        self.text = text
        rest = text[...].utf8
    }

    mutating func parse() throws(ValueError) -> Int64 {
        guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2),
            take("T", "t", " "), let hour = number(2), take(":"), let minute = number(2), take(":"),
            let second = number(2), let fraction = fraction()
        else {
            throw ValueError(text, isNot: "a time", give: "one such as 2025-11-30T12:00:00Z, or -2h for two hours ago")
        }
        guard !rest.isEmpty else {
            throw ValueError(
                "\(PrintableText.quoted(text)) has no time zone; end it with Z for UTC, or an offset such as +01:00")
        }
        guard let offset = offset(), rest.isEmpty else {
            throw ValueError("\(PrintableText.quoted(text)): the time zone is not Z or an offset such as +01:00")
        }
        guard (1970...9_999).contains(year), (1...12).contains(month),
            (1...CivilDate.length(ofMonth: month, year: year)).contains(day), hour < 24, minute < 60, second < 60
        else {
            throw ValueError("\(PrintableText.quoted(text)): there is no such day or hour (years are 1970 to 9999)")
        }
        let days = CivilDate.days(year: year, month: month, day: day)
        return ((days * 24 + hour) * 60 + minute - offset) * 60_000 + second * 1_000 + fraction
    }

    private mutating func number(_ digits: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<digits {
            guard let byte = rest.first, (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - 0x30)
            rest.removeFirst()
        }
        return value
    }

    private mutating func take(_ characters: Unicode.Scalar...) -> Bool {
        guard let byte = rest.first, characters.contains(Unicode.Scalar(byte)) else { return false }
        rest.removeFirst()
        return true
    }

    /// Milliseconds; nil if a dot is not followed by 1 to 9 digits.
    private mutating func fraction() -> Int64? {
        guard take(".") else { return 0 }
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        guard (1...9).contains(digits.count) else { return nil }
        rest.removeFirst(digits.count)
        var value: Int64 = 0
        for digit in (Array(digits) + [0x30, 0x30]).prefix(3) { value = value * 10 + Int64(digit - 0x30) }
        return value
    }

    /// Minutes east of UTC.
    private mutating func offset() -> Int64? {
        if take("Z", "z") { return 0 }
        let isWest = rest.first == UInt8(ascii: "-")
        guard take("+", "-"), let hours = number(2), take(":"), let minutes = number(2), hours < 24, minutes < 60 else {
            return nil
        }
        return (hours * 60 + minutes) * (isWest ? -1 : 1)
    }
}
