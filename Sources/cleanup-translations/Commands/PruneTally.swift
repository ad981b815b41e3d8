import CommandLine

/// What a prune has come to so far.
struct PruneTally: Sendable, Equatable {
    /// Rows read, and rows found whose version is not semantic.
    var read = 0
    var unsemantic = 0
    /// Rows read that nothing more is to be done about, unless somebody else holds them.
    var dealtWith = 0
    var deleted = 0
    var archived = 0
    /// Times that a row was passed over because somebody else held or had changed it.
    var skipped = 0
    var batches = 0
    /// Groups whose caches were told.
    var invalidated = 0
    /// Keys and locales whose intents are left to others.
    var uninvalidated = 0
    /// Groups with rows that could not be deleted until the end.
    var left = 0
    /// Pauses by reason.
    var waits = 0
    var waited = Duration.zero
    /// Batches that ran into a time-out or a deadlock.
    var timeouts = 0
    var reconnects = 0
    var longestBatch = Duration.zero
}
