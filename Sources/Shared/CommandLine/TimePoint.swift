import Configuration

/// A point in time with the milliseconds that Kafka timestamps have.
package struct TimePoint: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
    package let milliseconds: Int64

    /// The point `milliseconds` after 1970 began.
    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// Whether `left` comes before `right`.
    package static func < (left: TimePoint, right: TimePoint) -> Bool { left.milliseconds < right.milliseconds }

    /// Reads RFC 3339 with its mandatory zone (`2025-11-30T12:00:00Z`, `…+01:00`), or a time before `start`
    /// (`-2h`, `-1d12h`). Years are 1970 to 9999; fractions beyond milliseconds are cut off.
    /// - Throws: `ValueError` naming what is wrong.
    package init(_ text: String, relativeTo start: TimePoint) throws(ValueError) {
        if text.hasPrefix("-") || text == "now" {
            guard let length = text == "now" ? 0 : DurationText.milliseconds(text.dropFirst()),
                length <= start.milliseconds
            else { throw ValueError(text, isNot: "a time", give: "one such as -2h, -1d12h or 2025-11-30T12:00:00Z") }
            self.init(milliseconds: start.milliseconds - length)
            return
        }
        var parser = RFC3339Parser(text)
        self.init(milliseconds: try parser.parse())
    }

    /// RFC 3339 in UTC, with milliseconds if there are any.
    package var description: String {
        let second = milliseconds.flooredQuotient(by: 1_000)
        let fraction = (milliseconds % 1_000 + 1_000) % 1_000
        let days = second.flooredQuotient(by: 86_400)
        let clock = second - days * 86_400
        let (year, month, day) = CivilDate.civil(fromDays: days)
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        func padded(_ number: Int64, _ width: Int) -> String {
            let digits = "\(number)"
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let date = "\(padded(year, 4))-\(two(month))-\(two(day))"
        let time = "\(two(clock / 3_600)):\(two(clock / 60 % 60)):\(two(clock % 60))"
        return "\(date)T\(time)\(fraction == 0 ? "" : ".\(padded(fraction, 3))")Z"
    }
}

/// Days and civil dates of the proleptic Gregorian calendar, after Howard Hinnant's days_from_civil.
enum CivilDate {
    /// Days from 1970-01-01 to a date.
    static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted.flooredQuotient(by: 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// The date that lies `days` after 1970-01-01.
    static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = shifted.flooredQuotient(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    /// The number of days in a month.
    static func length(ofMonth month: Int64, year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension Int64 {
    /// The quotient rounded towards minus infinity; `divisor` is positive.
    func flooredQuotient(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
