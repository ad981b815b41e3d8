import Glibc

/// How many events a second are wanted, as a function of the time since the start.
package enum RateProfile: Sendable, Equatable {
    /// As fast as it goes.
    case unlimited
    /// Always this many events a second; 0 pauses.
    case constant(Double)
    /// Linear from one rate to another within `seconds`, then constant.
    case ramp(from: Double, to: Double, seconds: Double)

    /// The lowest rate that text may name: one event in 1,000 seconds.
    package static let lowest = 0.001
    /// The highest rate that text may name.
    package static let highest = 10_000_000.0
    /// The longest ramp that text may name: a week, in seconds.
    package static let longestRamp = 604_800.0

    /// Events due within the first `seconds`, as a real number.
    func events(within seconds: Double) -> Double {
        let time = max(0, seconds)
        switch self {
        case .unlimited: return .infinity
        case .constant(let rate): return rate * time
        case .ramp(let from, let to, let duration):
            guard duration > 0 else { return to * time }
            let ramped = min(time, duration)
            return from * ramped + (to - from) / (2 * duration) * ramped * ramped + to * (time - ramped)
        }
    }

    /// Seconds until `events` are due, the inverse of ``events(within:)``; infinity if they never are.
    func seconds(until events: Double) -> Double {
        guard events > 0 else { return 0 }
        switch self {
        case .unlimited: return 0
        case .constant(let rate): return events / rate
        case .ramp(let from, let to, let duration):
            let ramped = (from + to) / 2 * duration
            guard duration > 0, events <= ramped else { return duration + (events - ramped) / to }
            let slope = (to - from) / (2 * duration)
            // The stable form of the quadratic formula; rounding must not make the root's argument negative.
            return 2 * events / (from + sqrt(max(0, from * from + 4 * slope * events)))
        }
    }

    /// How long `events` take, seconds; 0 without a limit, infinity where they are never due.
    package func seconds(for events: Double) -> Double { seconds(until: events) }

    /// Events a second, `seconds` after the start.
    package func rate(at seconds: Double) -> Double {
        switch self {
        case .unlimited: return .infinity
        case .constant(let rate): return rate
        case .ramp(let from, let to, let duration):
            guard duration > 0, seconds < duration else { return to }
            return from + (to - from) * max(0, seconds) / duration
        }
    }
}

extension RateProfile {
    /// Reads `N`, `max` or `FROM:TO:DURATION`: rates in events a second, the duration in seconds or with s, m or h.
    ///
    /// Rates lie between ``lowest`` and ``highest``, a ramp may start or end at 0 but not both.
    package init(parsing text: String) throws(PacingError) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        switch parts.count {
        case 1 where text == "max":
            self = .unlimited
        case 1:
            self = .constant(try Self.rate(parts[0], of: text, zeroAllowed: false))
        case 3:
            let from = try Self.rate(parts[0], of: text, zeroAllowed: true)
            let to = try Self.rate(parts[1], of: text, zeroAllowed: true)
            guard from > 0 || to > 0 else { throw PacingError("\(Self.quoted(text)): both ends of the ramp are 0") }
            self = .ramp(from: from, to: to, seconds: try Self.duration(parts[2], of: text))
        default:
            throw PacingError("\(Self.quoted(text)) is not a rate: N, max or FROM:TO:DURATION")
        }
    }

    private static func rate(_ part: Substring, of text: String, zeroAllowed: Bool) throws(PacingError) -> Double {
        guard let rate = number(part) else {
            throw PacingError("\(quoted(text)) is not a rate: N, max or FROM:TO:DURATION")
        }
        guard (lowest...highest).contains(rate) || (zeroAllowed && rate == 0) else {
            throw PacingError("\(quoted(text)): a rate lies between 0.001 and 10000000 events a second")
        }
        return rate
    }

    private static func duration(_ part: Substring, of text: String) throws(PacingError) -> Double {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
        let unit = part.last.flatMap { units[$0] }
        guard let value = number(unit == nil ? part : part.dropLast()) else {
            throw PacingError("\(quoted(text)): the ramp's duration is not a number of seconds, or one with s, m or h")
        }
        let seconds = value * (unit ?? 1)
        guard seconds > 0, seconds <= longestRamp else {
            throw PacingError("\(quoted(text)): a ramp takes more than 0 seconds and at most 168 hours")
        }
        return seconds
    }

    /// Plain decimal numbers only: no sign, exponent, hexadecimal, infinity or NaN.
    private static func number(_ part: Substring) -> Double? {
        guard !part.isEmpty, part.utf8.count <= 20,
            part.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: ".") })
        else { return nil }
        return Double(part)
    }

    private static func quoted(_ text: String) -> String {
        "\"\(text.count > 40 ? text.prefix(40) + "…" : text[...])\""
    }
}
