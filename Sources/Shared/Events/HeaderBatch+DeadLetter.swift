extension HeaderBatch {
    /// Takes what a record gains when it is dead-lettered; what was in the batch is dropped. The headers that
    /// `HeaderPolicy(.deadLetter)` removes must be taken off the record, the others stay.
    ///
    /// The origin is always the first one and so is the time of the first failure: what the record carried
    /// (`carried`, from a `DeadLetterReader`) goes before what this failure says. The retry count stays as it is.
    package mutating func setDeadLetter(_ failure: ProcessingFailure, carried: DeadLetter) {
        removeAll()
        let origin = carried.origin ?? failure.consumed
        append(.originTopic, origin.topic)
        append(.originPartition, decimal: Int64(origin.partition))
        append(.originOffset, decimal: origin.offset)
        append(.originGroup, failure.group)
        append(.deliveryCount, decimal: Int64(failure.deliveries))
        append(.message, failure.message)
        append(.springTopic, origin.topic)
        append(.springPartition, bigEndian: origin.partition)
        append(.springOffset, bigEndian: origin.offset)
        if let timestamp = carried.originTimestamp ?? failure.timestamp {
            append(.springTimestamp, bigEndian: timestamp)
        }
        append(.errorCode, failure.code.text)
        if let id = failure.eventID { append(.eventID, id.description) }
        if let type = failure.eventType { append(.eventType, type.topic) }
        if let id = failure.merchantID { append(.merchantID, id.description) }
        append(.firstFailedAt, time: carried.firstFailedAt ?? failure.failedAt)
    }
}
