import Postgres

/// A badge that the saga wants awarded.
struct SagaAward: Sendable {
    let merchant: PostgresUUID
    let customer: PostgresUUID
    /// A translation's key.
    let badge: String
    /// W3C `traceparent` of the event that brought it about; nil begins a trace.
    let traceparent: String?
}

/// The way to the award path, which decides what is new.
protocol SagaAwards: Sendable {
    /// Awards these badges unless they have been awarded, and says of each what came of it. Answers within seconds, whatever
    /// is away.
    func award(_ awards: [SagaAward]) async -> [AwardOutcome]
}
