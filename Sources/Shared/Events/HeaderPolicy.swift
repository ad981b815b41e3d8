/// Which headers a record loses when it is published again; what it gains is `HeaderBatch`'s.
///
/// A name that is both removed and gained is replaced, or stays in its place if it has that value already. Everything that no dialect knows stays as it was, in its place.
package struct HeaderPolicy: Sendable {
    /// What is being done with the record.
    package enum Operation: Sendable, Equatable {
        /// Published to the replay topic or a topic of the user's choice.
        case redrive(RedriveKind)
        /// Published to its origin topic.
        case redriveToOrigin(RedriveKind)
        /// Set aside on the parked topic.
        case park
        /// Taken back from the parked topic.
        case unpark
        /// Taken back from the parked topic, to its origin topic.
        case unparkToOrigin
        /// Written to the dead-letter topic by the server.
        case deadLetter
    }

    /// The operation it was made for.
    package let operation: Operation
    private let removed: HeaderNameSet
    private let removesByPrefix: Bool

    /// The policy for `operation`.
    package init(_ operation: Operation) {
        self.operation = operation
        switch operation {
        case .redrive(let kind), .redriveToOrigin(let kind):
            removed = Self.redriven(kept: kind == .dlq ? Self.kept : Self.kept.union([.retryCount]))
            removesByPrefix = true
        case .unpark, .unparkToOrigin:
            removed = Self.redriven(kept: [.firstFailedAt, .originalTimestamp])
            removesByPrefix = true
        case .park:
            removed = [.parkedReason, .parkedBy, .parkedAt]
            removesByPrefix = false
        case .deadLetter:
            removed = [
                .originTopic, .originPartition, .originOffset, .originGroup, .deliveryCount, .message, .errorCode,
                .eventID, .eventType, .merchantID, .firstFailedAt, .springTopic, .springPartition, .springOffset,
                .springTimestamp,
            ]
            removesByPrefix = false
        }
    }

    /// Whether the record loses every header of this name. Callable from any thread; no allocation.
    package func removes(_ name: UnsafeRawBufferPointer) -> Bool {
        if let known = HeaderNameIndex.shared.name(of: name) { return removed.contains(known) }
        return removesByPrefix && FailureHeader.dialectByPrefix(of: name) != nil
    }

    private static let kept: HeaderNameSet = [.firstFailedAt, .originalTimestamp, .unparkedCount]

    private static func redriven(kept: HeaderNameSet) -> HeaderNameSet {
        HeaderName.allCases.reduce(into: []) { names, name in
            if !kept.contains(name) { names.insert(name) }
        }
    }
}
