import Glibc

/// A point in time as the wall clock shows it: milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
package struct Timestamp: Sendable, Equatable {
    /// Milliseconds since the epoch; negative before it.
    package let milliseconds: Int64

    /// The time `milliseconds` after the epoch.
    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// The kernel's CLOCK_REALTIME.
    package static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// Appends the time as RFC 3339 in UTC with milliseconds, for the years 0000 to 9999; held at those ends.
    func append(to line: inout [UInt8]) {
        let held = min(max(milliseconds, -62_167_219_200_000), 253_402_300_799_999)
        let (days, inDay) = floorDivision(held, 86_400_000)
        let (year, month, day) = Self.civil(days)
        digits(year, 4, &line)
        line.append(UInt8(ascii: "-"))
        digits(month, 2, &line)
        line.append(UInt8(ascii: "-"))
        digits(day, 2, &line)
        line.append(UInt8(ascii: "T"))
        digits(inDay / 3_600_000, 2, &line)
        line.append(UInt8(ascii: ":"))
        digits(inDay / 60_000 % 60, 2, &line)
        line.append(UInt8(ascii: ":"))
        digits(inDay / 1000 % 60, 2, &line)
        line.append(UInt8(ascii: "."))
        digits(inDay % 1000, 3, &line)
        line.append(UInt8(ascii: "Z"))
    }

    /// Days since the epoch as a Gregorian date (Hinnant's civil_from_days): eras of 400 years that begin in March.
    private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = floorDivision(days + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC with milliseconds.
    package var description: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

private func floorDivision(_ value: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
}

private func digits(_ value: Int64, _ width: Int, _ line: inout [UInt8]) {
    var divisor: Int64 = 1
    for _ in 1..<width { divisor *= 10 }
    for _ in 0..<width {
        line.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / divisor % 10))
        divisor /= 10
    }
}
