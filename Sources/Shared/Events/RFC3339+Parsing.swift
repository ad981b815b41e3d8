extension RFC3339 {
    /// The longest text that is looked at; one with 38 digits of fraction and an offset fits.
    private static let longest = 64

    /// The time that a text writes by RFC 3339 section 5.6: `T` and `Z` in either case, a space for the `T`, any number
    /// of digits of fraction (cut to milliseconds), an offset up to ±23:59, and a leap second, which counts as the
    /// second after it. `nil` for anything else; a time without an offset is not accepted.
    package static func parse(_ text: String) -> Int64? {
        var text = text
        return text.withUTF8 { parse(UnsafeRawBufferPointer($0)) }
    }

    /// As `parse(_:)` of a text, without allocation.
    package static func parse(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        guard (20...longest).contains(bytes.count) else { return nil }
        var scanner = Scanner(bytes: bytes)
        guard let year = scanner.number(digits: 4), scanner.take(0x2D),
            let month = scanner.number(digits: 2), scanner.take(0x2D),
            let day = scanner.number(digits: 2), let date = CivilDate(year: year, month: month, day: day),
            scanner.take(0x54) || scanner.take(0x74) || scanner.take(0x20),
            let hour = scanner.number(digits: 2), hour <= 23, scanner.take(0x3A),
            let minute = scanner.number(digits: 2), minute <= 59, scanner.take(0x3A),
            let second = scanner.number(digits: 2), second <= 60,
            let fraction = scanner.fraction(), let offset = scanner.offset(), scanner.isAtEnd
        else { return nil }
        let ofDay = (hour * 3_600 + minute * 60 + second) * 1_000
        return date.daysSince1970 * 86_400_000 + ofDay + (second == 60 ? 0 : fraction) - offset * 60_000
    }

    private struct Scanner {
        let bytes: UnsafeRawBufferPointer
        var position = 0

        var isAtEnd: Bool { position == bytes.count }

        mutating func take(_ byte: UInt8) -> Bool {
            guard position < bytes.count, bytes[position] == byte else { return false }
            position += 1
            return true
        }

        mutating func digit() -> Int64? {
            guard position < bytes.count, (0x30...0x39).contains(bytes[position]) else { return nil }
            position += 1
            return Int64(bytes[position - 1] - 0x30)
        }

        mutating func number(digits: Int) -> Int64? {
            var value: Int64 = 0
            for _ in 0..<digits {
                guard let next = digit() else { return nil }
                value = value * 10 + next
            }
            return value
        }

        /// Milliseconds; 0 where there is no fraction, `nil` for a point without digits.
        mutating func fraction() -> Int64? {
            guard take(0x2E) else { return 0 }
            guard var value = digit() else { return nil }
            var count = 1
            while let next = digit() {
                if count < 3 { value = value * 10 + next }
                count += 1
            }
            while count < 3 {
                value *= 10
                count += 1
            }
            return value
        }

        /// Minutes ahead of UTC.
        mutating func offset() -> Int64? {
            if take(0x5A) || take(0x7A) { return 0 }
            let isBehind = take(0x2D)
            guard isBehind || take(0x2B), let hour = number(digits: 2), hour <= 23, take(0x3A),
                let minute = number(digits: 2), minute <= 59
            else { return nil }
            return (hour * 60 + minute) * (isBehind ? -1 : 1)
        }
    }
}
