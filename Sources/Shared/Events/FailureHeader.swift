/// Which headers tell of a failure, whether their values are read or not.
package enum FailureHeader {
    /// Names that begin so belong to a dialect whole, whatever follows.
    package static let prefixes: [(text: StaticString, dialect: Dialect)] = [
        ("__dlq.errors.", .ours),
        ("kafka_dlt-", .springDeadLetter),
        ("springDeserializerException", .springDeadLetter),
        ("kafka_original-", .springRetry),
        ("kafka_exception-", .springRetry),
        ("kafka_key-exception-", .springRetry),
        ("retry_topic-", .springRetry),
        ("__connect.errors.", .connect),
        ("__streams.errors.", .streams),
        ("dead-letter-", .smallRye),
    ]

    /// The dialect that a header's name belongs to; `nil` for one that has nothing to do with failures.
    package static func dialect(of name: UnsafeRawBufferPointer) -> Dialect? {
        HeaderNameIndex.shared.name(of: name)?.dialect ?? dialectByPrefix(of: name)
    }

    static func dialectByPrefix(of name: UnsafeRawBufferPointer) -> Dialect? {
        // Most headers of applications end here: their first letter is none of the prefixes'.
        switch name.first {
        case 0x5F:
            match(name, "__dlq.errors.", .ours) ?? match(name, "__connect.errors.", .connect)
                ?? match(name, "__streams.errors.", .streams)
        case 0x6B:
            match(name, "kafka_dlt-", .springDeadLetter) ?? match(name, "kafka_original-", .springRetry)
                ?? match(name, "kafka_exception-", .springRetry) ?? match(name, "kafka_key-exception-", .springRetry)
        case 0x72: match(name, "retry_topic-", .springRetry)
        case 0x73: match(name, "springDeserializerException", .springDeadLetter)
        case 0x64: match(name, "dead-letter-", .smallRye)
        default: nil
        }
    }

    private static func match(
        _ name: UnsafeRawBufferPointer, _ prefix: StaticString, _ dialect: Dialect
    ) -> Dialect? {
        name.starts(withLiteral: prefix) ? dialect : nil
    }
}
