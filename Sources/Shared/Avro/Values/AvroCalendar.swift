/// Dates and times as text, in the proleptic Gregorian calendar, without Foundation.
enum AvroCalendar {
    /// `1970-01-01`; a year beyond four digits has a sign.
    static func date(days: Int64) -> String {
        // Eras of 400 years, each beginning on a 1 March, so that the leap day is a year's last.
        let shifted = days + 719_468
        let era = floor(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let calendarMonth = month < 10 ? month + 3 : month - 9
        let year = yearOfEra + era * 400 + (calendarMonth <= 2 ? 1 : 0)
        let sign = year < 0 ? "-" : year > 9_999 ? "+" : ""
        return "\(sign)\(padded(abs(year), 4))-\(padded(calendarMonth, 2))-\(padded(day, 2))"
    }

    /// `12:34:56`, with a fraction if there is one.
    static func time(microseconds: Int64) -> String {
        let seconds = floor(microseconds, 1_000_000)
        let micros = remainder(microseconds, 1_000_000)
        let text = "\(padded(seconds / 3_600, 2)):\(padded(abs(seconds / 60 % 60), 2)):\(padded(abs(seconds % 60), 2))"
        if micros == 0 { return text }
        return text + "." + (micros % 1_000 == 0 ? padded(micros / 1_000, 3) : padded(micros, 6))
    }

    /// `1970-01-01T00:00:00`, with a fraction if there is one.
    static func moment(microseconds: Int64) -> String {
        let days = floor(microseconds, 86_400_000_000)
        return date(days: days) + "T" + time(microseconds: remainder(microseconds, 86_400_000_000))
    }

    /// The quotient, rounded down.
    static func floor(_ value: Int64, _ divisor: Int64) -> Int64 {
        value / divisor - (value % divisor < 0 ? 1 : 0)
    }

    /// What `floor` leaves over, never negative.
    private static func remainder(_ value: Int64, _ divisor: Int64) -> Int64 {
        let rest = value % divisor
        return rest < 0 ? rest + divisor : rest
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
