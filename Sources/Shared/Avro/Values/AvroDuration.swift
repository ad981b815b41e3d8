/// An amount of time in three parts that do not convert into each other (logical type `duration`).
package struct AvroDuration: Sendable, Hashable, CustomStringConvertible {
    /// Months of the calendar.
    package let months: UInt32
    /// Days of the calendar.
    package let days: UInt32
    /// Milliseconds of the last day.
    package let milliseconds: UInt32

    /// A duration of three parts.
    package init(months: UInt32, days: UInt32, milliseconds: UInt32) {
        self.months = months
        self.days = days
        self.milliseconds = milliseconds
    }

    /// From the bytes of a fixed(12), nil for another size.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 12 else { return nil }
        func part(_ start: Int) -> UInt32 { bytes[start..<start + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) } }
        self.init(months: part(0), days: part(4), milliseconds: part(8))
    }

    /// The bytes for a fixed(12).
    package var bytes: [UInt8] {
        [months, days, milliseconds].flatMap { part in withUnsafeBytes(of: part.littleEndian) { Array($0) } }
    }

    /// As ISO 8601 has it, such as `P2M3DT4.005S`.
    package var description: String {
        let rest = String(milliseconds % 1_000)
        let fraction = String(repeating: "0", count: 3 - rest.count) + rest
        return "P\(months)M\(days)DT\(milliseconds / 1_000).\(fraction)S"
    }
}
