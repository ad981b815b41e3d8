import Events

/// How dead letters are judged and published: settled before a run begins, the same for all of its copies.
package struct DrainRules: Sendable {
    /// Where records go.
    package enum Route: Sendable, Equatable {
        case topic(String)
        /// Each to the topic that it came from, if that is one of these.
        case origin(allowed: Set<String>)
    }

    /// What becomes of a record's timestamp.
    package enum Timestamps: String, Sendable, CaseIterable {
        /// The one it had at its origin.
        case keep
        /// The present time; the original one goes into a header.
        case now
    }

    /// What becomes of records that the filters do not select.
    package enum Skipped: String, Sendable, CaseIterable {
        case leave
        /// Re-appended to the source, so that no progress above the committed offset is needed.
        case requeue
    }

    package var source: String
    package var route: Route
    package var parkedTopic: String
    /// The run's name.
    package var run: String
    /// Who parks: program, run and host.
    package var parkedBy: String
    package var maximumRetries: Int32 = 3
    package var timestamps = Timestamps.keep
    package var skipped = Skipped.leave
    /// Partition counts of the topics that may be published to.
    package var partitionCounts: [String: Int32]

    package init(
        source: String, route: Route, parkedTopic: String, run: String, parkedBy: String,
        partitionCounts: [String: Int32]
    ) {
        self.source = source
        self.route = route
        self.parkedTopic = parkedTopic
        self.run = run
        self.parkedBy = parkedBy
        self.partitionCounts = partitionCounts
    }
}

/// Why a record is set aside: the value of `gamification.parked.reason`.
package enum ParkReason {
    package static let retriesUsedUp = "retries.exhausted"
    package static let originMissing = "origin.missing"
    package static let originNotAllowed = "origin.not_allowed"
    package static let bodyMissing = "body.missing"
    package static let unpublishable = "unpublishable"
}
