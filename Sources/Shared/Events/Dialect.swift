/// Whose headers a dead letter carries.
package enum Dialect: UInt8, CaseIterable, Sendable, CustomStringConvertible {
    /// Ours: KIP-1191's `__dlq.errors.*` and `gamification.*`.
    case ours
    /// Spring's DeadLetterPublishingRecoverer: `kafka_dlt-*`.
    case springDeadLetter
    /// Spring's retry topics: `kafka_original-*`, `kafka_exception-*` and `retry_topic-*`.
    case springRetry
    /// Kafka Connect (KIP-298): `__connect.errors.*`.
    case connect
    /// Kafka Streams (KIP-1034): `__streams.errors.*`.
    case streams
    /// SmallRye Reactive Messaging: `dead-letter-*`.
    case smallRye
    /// Karafka: six names that begin with `source_`.
    case karafka

    /// The name, as documents and messages have it.
    package var description: String {
        switch self {
        case .ours: "kip-1191"
        case .springDeadLetter: "spring-dlt"
        case .springRetry: "spring-retry"
        case .connect: "connect"
        case .streams: "streams"
        case .smallRye: "smallrye"
        case .karafka: "karafka"
        }
    }
}

/// A set of dialects.
package struct DialectSet: OptionSet, Sendable {
    /// A bit for each dialect.
    package let rawValue: UInt8

    /// The set of these bits.
    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// The set of one dialect.
    package init(_ dialect: Dialect) {
        rawValue = 1 << dialect.rawValue
    }

    /// Whether it holds a dialect.
    package func contains(_ dialect: Dialect) -> Bool {
        rawValue & 1 << dialect.rawValue != 0
    }

    /// Its members, in the order of `Dialect`.
    package var dialects: [Dialect] {
        Dialect.allCases.filter { contains($0) }
    }
}
