import Events
import Postgres

/// A consumed record, as far as the saga's decisions depend on it.
struct SagaRecord: Sendable {
    /// What a record asks for.
    enum Content: Sendable, Equatable {
        /// Points to be counted.
        case points(PointsEvent)
        /// Points that arose too long ago to be counted: whether they were counted before is not known any more.
        case outdated(PointsEvent)
        /// What is known about the customer is not true any more.
        case update(id: PostgresUUID, owner: CustomerKey)
        /// On the replay topic for other services.
        case foreign
        /// Can never be processed.
        case poison(SagaFailure)
        /// Could not be read now; the driver is asked to read it again.
        case unreadable(SagaFailure)
    }

    var offset: Int64
    var content: Content
    /// It has been read before, so that a mark may know it: it came by the replay topic.
    var isRedriven = false
}

/// Why a record's effects were not brought about.
struct SagaFailure: Sendable, Equatable {
    var code: ErrorCode
    /// A sentence for the dead letter, without anything of the record.
    var message: String

    init(_ code: ErrorCode, _ message: String) {
        self.code = code
        self.message = message
    }
}

/// An event whose effects are all there.
struct SagaMark: Sendable, Equatable {
    /// What became of it: the mark's value.
    enum Outcome: String, Sendable {
        case counted
        case outdated
        case updated
    }

    let merchant: PostgresUUID
    let event: PostgresUUID
    let outcome: Outcome
}
