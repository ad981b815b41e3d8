/// What a value means by its logical type.
package enum AvroLogicalValue: Sendable, Hashable, CustomStringConvertible {
    case decimal(AvroDecimal)
    /// The text as it stands: it may be no UUID.
    case uuid(String)
    /// Days since 1970-01-01.
    case date(days: Int32)
    /// Microseconds after midnight; whoever wrote it may have gone beyond a day.
    case time(microseconds: Int64)
    /// Microseconds since 1970-01-01T00:00:00Z. Milliseconds beyond the range of microseconds stay a bare number.
    case timestamp(microseconds: Int64)
    /// Microseconds since 1970-01-01T00:00:00 in whatever time zone applies.
    case localTimestamp(microseconds: Int64)
    case duration(AvroDuration)

    /// The meaning of `value`, which is of the type that `node` describes; nil if there is none beyond the value.
    package init?(_ value: AvroValue, _ node: AvroNode) {
        switch (node.logicalType, value) {
        case (.decimal(_, let scale), .bytes(let bytes)), (.decimal(_, let scale), .fixed(let bytes)):
            self = .decimal(AvroDecimal(twosComplement: bytes, scale: scale))
        case (.uuid, .string(let text)): self = .uuid(text)
        case (.date, .int(let days)): self = .date(days: days)
        case (.timeMillis, .int(let millis)): self = .time(microseconds: Int64(millis) * 1_000)
        case (.timeMicros, .long(let micros)): self = .time(microseconds: micros)
        case (.timestampMillis, .long(let millis)):
            guard let micros = AvroLogicalValue.micros(millis) else { return nil }
            self = .timestamp(microseconds: micros)
        case (.timestampMicros, .long(let micros)): self = .timestamp(microseconds: micros)
        case (.localTimestampMillis, .long(let millis)):
            guard let micros = AvroLogicalValue.micros(millis) else { return nil }
            self = .localTimestamp(microseconds: micros)
        case (.localTimestampMicros, .long(let micros)): self = .localTimestamp(microseconds: micros)
        case (.duration, .fixed(let bytes)):
            guard let duration = AvroDuration(bytes: bytes) else { return nil }
            self = .duration(duration)
        default: return nil
        }
    }

    private static func micros(_ millis: Int64) -> Int64? {
        let (micros, overflow) = millis.multipliedReportingOverflow(by: 1_000)
        return overflow ? nil : micros
    }

    /// The value of the type that `node` describes; nil if that has another logical type, or the value does not fit.
    /// Times lose what the type does not count.
    package func value(_ node: AvroNode) -> AvroValue? {
        switch (self, node.logicalType, node.type) {
        case (.decimal(let decimal), .decimal(_, let scale), .bytes) where decimal.scale == scale:
            return .bytes(decimal.unscaled)
        case (.decimal(let decimal), .decimal(_, let scale), .fixed(let fixed)) where decimal.scale == scale:
            return decimal.bytes(fixed: fixed.size).map(AvroValue.fixed)
        case (.uuid(let text), .uuid, _): return .string(text)
        case (.date(let days), .date, _): return .int(days)
        case (.time(let micros), .timeMillis, _):
            return Int32(exactly: AvroCalendar.floor(micros, 1_000)).map(AvroValue.int)
        case (.time(let micros), .timeMicros, _): return .long(micros)
        case (.timestamp(let micros), .timestampMillis, _), (.localTimestamp(let micros), .localTimestampMillis, _):
            return .long(AvroCalendar.floor(micros, 1_000))
        case (.timestamp(let micros), .timestampMicros, _), (.localTimestamp(let micros), .localTimestampMicros, _):
            return .long(micros)
        case (.duration(let duration), .duration, _): return .fixed(duration.bytes)
        default: return nil
        }
    }

    /// The value for people: RFC 3339 for moments, digits for decimals, ISO 8601 for durations.
    package var description: String {
        switch self {
        case .decimal(let decimal): decimal.description
        case .uuid(let text): text
        case .date(let days): AvroCalendar.date(days: Int64(days))
        case .time(let micros): AvroCalendar.time(microseconds: micros)
        case .timestamp(let micros): AvroCalendar.moment(microseconds: micros) + "Z"
        case .localTimestamp(let micros): AvroCalendar.moment(microseconds: micros)
        case .duration(let duration): duration.description
        }
    }
}
