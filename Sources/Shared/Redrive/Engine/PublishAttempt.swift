/// A record as it was published, or was to be: where it stands in the source, and which topic it went to.
package struct PublishAttempt: Hashable, Sendable {
    /// Of the source topic.
    package let partition: Int32
    /// Of the source topic.
    package let offset: Int64
    /// Whether it went to the parked topic.
    package let byParking: Bool

    /// - Parameters:
    ///   - partition, offset: of the source topic.
    ///   - byParking: whether the parked topic is meant rather than the record's destination.
    package init(partition: Int32, offset: Int64, byParking: Bool) {
        self.partition = partition
        self.offset = offset
        self.byParking = byParking
    }
}

/// Records that a broker refused for good, whatever is tried again; none of them was appended.
package struct RefusedRecords: Equatable, Sendable {
    /// Each refused for itself, such as one that is too large.
    package var singly: [PublishAttempt]
    /// Refused with the batches that they were in: at least one of them is to blame.
    package var inBatches: [PublishAttempt]

    /// What was refused, in any order; a record stands in one of the two lists.
    package init(singly: [PublishAttempt] = [], inBatches: [PublishAttempt] = []) {
        self.singly = singly
        self.inBatches = inBatches
    }

    /// Whether nothing was refused.
    package var isEmpty: Bool { singly.isEmpty && inBatches.isEmpty }

    /// All of them.
    var all: [PublishAttempt] { singly + inBatches }
}
