/// One tagged value of a log line.
///
/// The named ones below are the keys that every program uses, so that a search for a merchant or an offset finds all
/// of its lines. Values never hold an email, a token, or what a record's body says.
package struct LogField: Sendable, Equatable {
    enum Value: Sendable, Equatable {
        case string(String)
        case integer(Int64)
        case double(Double)
        case boolean(Bool)
    }

    let key: String
    let value: Value

    private init(_ key: String, _ value: Value) {
        precondition(Self.isValid(key), "a log key is of a-z, 0-9 and _, and none of time, level, message, truncated")
        self.key = key
        self.value = value
    }

    private static func isValid(_ key: String) -> Bool {
        guard !key.isEmpty, key.utf8.count <= 64 else { return false }
        guard !["time", "level", "message", "truncated"].contains(key) else { return false }
        return key.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || $0 == UInt8(ascii: "_")
        }
    }

    /// A text of one's own; lines keep at most ``LogLine/maximumValueLength`` bytes of it.
    package static func string(_ key: String, _ value: String) -> LogField { LogField(key, .string(value)) }
    /// A whole number.
    package static func integer(_ key: String, _ value: some BinaryInteger) -> LogField {
        LogField(key, .integer(Int64(clamping: value)))
    }
    /// A number; one that JSON does not have (infinity, NaN) is written as text.
    package static func double(_ key: String, _ value: Double) -> LogField { LogField(key, .double(value)) }
    /// true or false
    package static func boolean(_ key: String, _ value: Bool) -> LogField { LogField(key, .boolean(value)) }

    /// `merchant_id`
    package static func merchantID(_ value: String) -> LogField { .string("merchant_id", value) }
    /// `customer_id`
    package static func customerID(_ value: String) -> LogField { .string("customer_id", value) }
    /// `event_type`
    package static func eventType(_ value: String) -> LogField { .string("event_type", value) }
    /// `locale`
    package static func locale(_ value: String) -> LogField { .string("locale", value) }
    /// `trace_id`, as 32 hexadecimal digits.
    package static func trace(_ value: TraceContext) -> LogField { .string("trace_id", value.traceID) }
    /// `trace_id`, as it was found.
    package static func traceID(_ value: String) -> LogField { .string("trace_id", value) }
    /// `topic`
    package static func topic(_ value: String) -> LogField { .string("topic", value) }
    /// `partition`
    package static func partition(_ value: Int32) -> LogField { .integer("partition", value) }
    /// `offset`
    package static func offset(_ value: Int64) -> LogField { .integer("offset", value) }
    /// `group`
    package static func group(_ value: String) -> LogField { .string("group", value) }
    /// `error`: the description of an error, which by rule gives nothing away.
    package static func error(_ value: some Error) -> LogField { .string("error", "\(value)") }
    /// `duration_seconds`
    package static func duration(seconds: Double) -> LogField { .double("duration_seconds", seconds) }
}
