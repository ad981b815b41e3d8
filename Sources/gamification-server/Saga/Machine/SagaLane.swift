import Lifecycle

/// An assigned partition and the records of it that are in hand: the next ones are taken when these are all dealt with, so
/// a key's records are never under way in two batches.
struct SagaLane: Sendable {
    /// How far one record is.
    enum State: Sendable, Equatable {
        case open
        case finished
        /// Given up, and not on the dead-letter topic yet.
        case owed(SagaFailure)
    }

    private(set) var records: [SagaRecord] = []
    private(set) var states: [State] = []
    /// Below it everything is finished.
    private(set) var position: Int64
    /// What the group's offset is known to be, at least.
    var committed: Int64
    /// Attempts made at the records in hand.
    private(set) var attempts = 0
    /// When the next attempt is due, in nanoseconds.
    private(set) var readyAt: Int64 = 0
    /// It waits for the end of a pause.
    var isHeld = false
    /// What comes first after an assignment may have been done by another member.
    private(set) var mayRepeat = true
    private var end: Int64
    private var backoff: Backoff

    init(position: Int64, backoff: Backoff) {
        self.position = position
        self.backoff = backoff
        committed = position
        end = position
    }

    /// Whether it can be given records.
    var isIdle: Bool { records.isEmpty }

    /// Takes records; `end` is the offset after them, gaps included.
    mutating func take(_ records: [SagaRecord], end: Int64) {
        self.end = end
        guard !records.isEmpty else {
            position = end
            return
        }
        self.records = records
        states = Array(repeating: .open, count: records.count)
        attempts = 0
        readyAt = 0
        backoff.succeeded()
    }

    /// A record was read again.
    mutating func replace(_ index: Int, with content: SagaRecord.Content) {
        if records.indices.contains(index) { records[index].content = content }
    }

    /// What became of a record in an attempt.
    mutating func set(_ index: Int, _ state: State) { states[index] = state }

    /// Ends an attempt: moves the position on, and sets the time of the next attempt where something is left.
    mutating func endAttempt(now: Int64, chance: Double) {
        guard let first = states.firstIndex(where: { $0 != .finished }) else {
            position = end
            records = []
            states = []
            isHeld = false
            mayRepeat = false
            return
        }
        position = max(position, records[first].offset)
        attempts += 1
        readyAt = now + backoff.failed(chance: chance)
    }
}
