import Observability
import Postgres

/// One award that is asked for, by a gRPC call or by the saga's rules.
struct AwardRequest: Sendable {
    let merchant: PostgresUUID
    let customer: PostgresUUID
    /// The key of the badge's translations, byte for byte.
    let badge: String
    /// The language that was asked for; nil or empty takes the customer's.
    let locale: String?
    /// The trace that the award belongs to; nil begins one, if there is an award to make.
    let trace: TraceContext?
    /// Whether a badge that had no translation a moment ago is looked for again. Who is refused for it asks once more, but
    /// a record of the saga goes to the dead-letter queue, and may be the very one that was drained after the translation was added.
    let looksAgain: Bool
}

/// An award as it stands in the database, for ever the same.
struct Award: Sendable, Equatable {
    let eventID: PostgresUUID
    let locale: String
    /// Milliseconds since 1970, by the database's clock.
    let awardedAt: Int64
}

/// What became of an award.
enum AwardResult: Sendable, Equatable {
    /// This request made it: true of one request for each award, on all instances together.
    case awarded(Award)
    case alreadyAwarded(Award)
    case failed(AwardFailure)
}

/// Why there is no answer about an award. Whether the row was written may be unknown; asking again is always right.
enum AwardFailure: Error, Sendable, Equatable {
    /// No translation in the locale, its base language or English.
    case unknownBadge
    /// users-service does not know the customer.
    case unknownCustomer
    /// A dependency is away; its name, for messages and metrics.
    case unavailable(Dependency)
    /// So many awards wait for Kafka that no more are taken.
    case backlog
    /// The server is starting or stopping.
    case notReady
    /// The database refused this award for what it says; trying again does not help.
    case refused

    /// What can be away.
    enum Dependency: String, Sendable {
        case postgres
        case users
    }
}
