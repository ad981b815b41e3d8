/// The logical types of Avro 1.11. One that does not fit its underlying type, or has wrong attributes, is ignored when
/// the schema is read, as the specification asks.
package enum AvroLogicalType: Sendable, Hashable {
    /// Two's-complement big-endian integer times 10 to the power of minus `scale`, on bytes or fixed.
    case decimal(precision: Int, scale: Int)
    /// RFC 4122 text, on string. The text is not checked by the codec: a wrong id is a wrong event, not wrong Avro.
    case uuid
    /// Days since 1970-01-01, on int.
    case date
    /// Milliseconds after midnight, on int.
    case timeMillis
    /// Microseconds after midnight, on long.
    case timeMicros
    /// Milliseconds since 1970-01-01T00:00:00Z, on long.
    case timestampMillis
    /// Microseconds since 1970-01-01T00:00:00Z, on long.
    case timestampMicros
    /// Milliseconds since 1970-01-01T00:00:00 in whatever time zone applies, on long.
    case localTimestampMillis
    /// Microseconds since 1970-01-01T00:00:00 in whatever time zone applies, on long.
    case localTimestampMicros
    /// Months, days and milliseconds as three little-endian unsigned 32-bit integers, on fixed(12).
    case duration
}
