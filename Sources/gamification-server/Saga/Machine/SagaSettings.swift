/// The saga's patience.
struct SagaSettings: Sendable {
    /// Attempts after the first one, before a record is given up.
    var retries = 3
    /// The first pause before another attempt and the longest one, in milliseconds; each is twice the one before, less up
    /// to half by chance. Other lanes go on meanwhile.
    var firstBackoff: Int64 = 200
    var longestBackoff: Int64 = 2_000
    var flood = FloodGuard.Limits()
    /// The first pause of all consumption, and the longest, in milliseconds.
    var firstPause: Int64 = 5_000
    var longestPause: Int64 = 60_000
    /// Records that can never succeed which each probe of a pause may dead-letter, so that a finite run of them ends.
    var probeBurials = 10
    /// How long the durable Redis is let be after it failed, in milliseconds.
    var redisPause: Int64 = 1_000
    /// How long until a commit that failed is repeated, in milliseconds.
    var commitPause: Int64 = 1_000

    init() {}
}

/// What the machine has done, counted.
struct SagaTally: Sendable, Equatable {
    /// Events that added points.
    var counted = 0
    /// Events that had been counted before, or were marked as done.
    var repeated = 0
    /// Events too old to be counted.
    var outdated = 0
    /// Records of the replay topic that are other services'.
    var foreign = 0
    /// `customer.updated` events.
    var updates = 0
    /// Awards asked for and had.
    var awards = 0
    /// Records dead-lettered.
    var buried = 0
    /// Attempts after the first one, by record.
    var retried = 0
    /// Times that consumption was paused.
    var pauses = 0
}
