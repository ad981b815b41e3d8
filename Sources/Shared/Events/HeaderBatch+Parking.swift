extension HeaderBatch {
    /// Takes what a record gains when it is set aside; what was in the batch is dropped. It keeps every other header,
    /// so that `unpark` finds all that it needs.
    ///
    /// - Parameters:
    ///   - reason: A code from a closed list, never a message: it is counted and shown.
    ///   - by: Who parked it: program, run and host, without personal data.
    ///   - at: When, in milliseconds since 1970.
    package mutating func setParked(reason: String, by: String, at: Int64) {
        removeAll()
        append(.parkedReason, reason)
        append(.parkedBy, by)
        append(.parkedAt, time: at)
    }
}
