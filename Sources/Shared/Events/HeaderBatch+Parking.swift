extension HeaderBatch {
    /// Takes what a record gains when it is set aside; what was in the batch is dropped. It keeps every other header,
    /// so that `unpark` finds all that it needs.
    ///
    /// - Parameters:
    ///   - reason: A code from a closed list, never a message: it is counted and shown.
    ///   - by: Who parked it: program, run and host, without personal data.
    ///   - at: When, in milliseconds since 1970.
    ///   - originalTimestamp: The time to keep where the record is published with another one, in milliseconds since
    ///     1970. It is not to be given where the record keeps one already (`DeadLetter.hasOriginalTimestamp`).
    package mutating func setParked(reason: String, by: String, at: Int64, originalTimestamp: Int64? = nil) {
        removeAll()
        append(.parkedReason, reason)
        append(.parkedBy, by)
        append(.parkedAt, time: at)
        if let originalTimestamp { append(.originalTimestamp, time: originalTimestamp) }
    }
}
