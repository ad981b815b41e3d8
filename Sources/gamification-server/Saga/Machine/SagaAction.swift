import Postgres

/// A partition for as long as it is assigned; a later assignment is another lane.
typealias LaneID = Int

/// A record in a lane's hand.
struct SagaItem: Sendable, Hashable {
    let lane: LaneID
    /// Its place in the records that the lane was given.
    let index: Int
}

/// What the machine wants done next. One action is under way at a time; its outcome goes to `SagaMachine.finish`.
enum SagaAction: Sendable {
    /// Nothing to do before `until` (nanoseconds; nil: for ever) unless one of these lanes, which have nothing in hand,
    /// gets records. Has no outcome.
    case wait(lanes: [LaneID], until: Int64?)
    /// Read these records again, which could not be read before.
    case decode([SagaItem])
    /// See which of these events are marked as done.
    case look([SagaMark])
    /// Count these events; note their merchants for repair in the same transaction if asked.
    case book(PointsBatch, notesRepairs: Bool)
    /// Set the boards' entries to these totals.
    case setBoards([BoardUpdate])
    /// Note that these merchants' boards miss an update.
    case noteRepairs([PostgresUUID])
    /// Take away what the caches know about these customers.
    case unlink([CustomerKey])
    /// Award these badges, unless they have been.
    case award([AwardWish])
    /// Mark these events as done, for a day.
    case mark([SagaMark])
    /// Write these records to the dead-letter topic.
    case bury([SagaBurial])
    /// Commit the lanes' positions.
    case commit([LanePosition])
}

/// What came of an action.
enum SagaOutcome: Sendable {
    /// By place in the action's list.
    case decoded([SagaRecord.Content])
    /// By place: whether there is a mark. Empty where that could not be found out.
    case looked([Bool])
    case booked(Booking)
    /// An event takes a total beyond what is allowed; nothing was booked.
    case refused
    /// The action failed as a whole, for a reason that may pass; whether it had an effect is not known. For `book`,
    /// `noteRepairs`, `commit`.
    case unavailable
    /// The action was carried out. For `noteRepairs`, `mark`, `commit`.
    case done
    /// Merchants whose boards were not set.
    case boardsSet(missing: Set<PostgresUUID>)
    /// By place: whether it is unlinked.
    case unlinked([Bool])
    /// By place.
    case awarded([AwardOutcome])
    /// By place: whether the broker has acknowledged it.
    case buried([Bool])
}

/// A customer's total for a board.
struct BoardUpdate: Sendable, Equatable {
    let owner: CustomerKey
    let points: Int64
    /// A board refuses totals older than what it has.
    let version: Int64
}

/// A badge that a rule says is due.
struct AwardWish: Sendable {
    let owner: CustomerKey
    let badge: String
    /// The record that brought it about, for its trace.
    let item: SagaItem
    /// The rule's place among the merchant's.
    let bit: Int
    /// The record's place in the wave.
    let position: Int
}

/// What came of a wish.
enum AwardOutcome: Sendable, Equatable {
    /// Awarded, now or before.
    case awarded
    /// No translation has this key.
    case badgeUnknown
    /// users-service does not know the customer.
    case customerNotFound
    /// The database will not have it, whatever is tried.
    case refused
    /// Something that is needed is away; another attempt may succeed.
    case unavailable
}

/// A record for the dead-letter topic.
struct SagaBurial: Sendable {
    let item: SagaItem
    let failure: SagaFailure
    /// Attempts made, 1 and up.
    let deliveries: Int32
}

/// Everything below `offset` is dealt with.
struct LanePosition: Sendable, Equatable {
    let lane: LaneID
    let offset: Int64
}
