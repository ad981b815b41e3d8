package import Events

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

    /// What is done with the records that are selected.
    package enum Purpose: Sendable, Equatable {
        /// Published again where they can be, parked where not.
        case redrive
        /// Set aside for this reason, all of them.
        case park(reason: String)
        /// Taken back from the parked topic, with their count of redrives at 0.
        case unpark
    }

    /// The dead-letter topic.
    package var source: String
    /// Where selected records go.
    package var route: Route { didSet { findRouted() } }
    /// Where records go that cannot succeed.
    package var parkedTopic: String
    /// What the run is for.
    package var purpose = Purpose.redrive
    /// The run's name.
    package var run: String
    /// Who parks: program, run and host.
    package var parkedBy: String
    /// Redrives, 0 or more, from which on a record is parked.
    package var maximumRetries: Int32 = 3
    /// Whether records keep the time of their origin.
    package var timestamps = Timestamps.keep
    /// What becomes of records that the filters do not select.
    package var skipped = Skipped.leave
    /// The topics that may be published to.
    package var destinations: [String: TopicRules] { didSet { findRouted() } }
    /// Those of the one topic that all redriven records go to, so that no name is looked up for each; nil where there is none.
    private var routed: TopicRules?

    /// Rules with the defaults of every option that is not named here.
    package init(
        source: String, route: Route, parkedTopic: String, run: String, parkedBy: String,
        destinations: [String: TopicRules]
    ) {
        self.source = source
        self.route = route
        self.parkedTopic = parkedTopic
        self.run = run
        self.parkedBy = parkedBy
        self.destinations = destinations
        findRouted()
    }

    private mutating func findRouted() {
        routed = if case .topic(let name) = route { destinations[name] } else { nil }
    }
}

extension DrainRules {
    /// What becomes of a record: a pure function of what was found and what its headers say.
    package func verdict(_ finding: DeadLetterInspector.Finding, _ letter: DeadLetter) -> Verdict {
        switch finding {
        case .rejected: return skipped == .leave ? .skip : .requeue
        // Published anywhere it would lose headers that nobody can read: it stays where it is.
        case .unreadable: return .reject
        case .selected, .hopeless, .noBody, .needsSchema: break
        }
        switch purpose {
        case .park(let reason): return .park(reason: reason)
        case .unpark: return unparkVerdict(finding, letter)
        case .redrive: break
        }
        if let reason = letter.parkReason { return .park(reason: reason) }
        guard let origin = letter.origin else { return .park(reason: ParkReason.originMissing) }
        if letter.retryCount >= maximumRetries { return .park(reason: ParkReason.retriesUsedUp) }
        if case .origin(let allowed) = route, !allowed.contains(origin.topic) {
            return .park(reason: ParkReason.originNotAllowed)
        }
        switch finding {
        case .hopeless(let reason): return .park(reason: reason)
        case .noBody: return .park(reason: ParkReason.bodyMissing)
        default: return .redrive
        }
    }
}

extension DrainRules {
    /// What was parked is redriven as the operator says, whatever it was parked for; what cannot be stays.
    private func unparkVerdict(_ finding: DeadLetterInspector.Finding, _ letter: DeadLetter) -> Verdict {
        guard let origin = letter.origin, finding != .noBody else { return .reject }
        if case .origin(let allowed) = route, !allowed.contains(origin.topic) { return .reject }
        return .redrive
    }

    /// How a record is published to its destination.
    var operation: HeaderPolicy.Operation {
        switch (purpose, route) {
        case (.unpark, .topic): .unpark
        case (.unpark, .origin): .unparkToOrigin
        case (_, .topic): .redrive(.dlq)
        case (_, .origin): .redriveToOrigin(.dlq)
        }
    }
}

extension DrainRules {
    /// The time that a record had at its origin, milliseconds since 1970.
    package func originalTimestamp(_ letter: DeadLetter, recordTimestamp: Int64) -> Int64 {
        letter.originTimestamp ?? recordTimestamp
    }

    /// Where a record with this verdict goes; nil for one that is not published.
    package func destination(of verdict: Verdict, _ letter: DeadLetter) -> String? {
        switch verdict {
        case .redrive:
            if case .topic(let name) = route { return name }
            return letter.origin?.topic
        case .park: return parkedTopic
        case .requeue: return source
        case .skip, .reject, .drop: return nil
        }
    }

    /// Checks that the destination keeps the record as it is.
    ///
    /// - Throws: `TimestampObjection` where it does not.
    package func checkTimestamp(
        of verdict: Verdict, _ letter: DeadLetter, recordTimestamp: Int64, now: Int64
    ) throws(TimestampObjection) {
        if case .redrive = verdict, let routed {
            guard timestamps == .keep else { return }
            let timestamp = originalTimestamp(letter, recordTimestamp: recordTimestamp)
            if let objection = routed.objection(to: timestamp, now: now) { throw objection }
            return
        }
        guard let topic = destination(of: verdict, letter), let rules = destinations[topic] else { return }
        if verdict != .requeue, timestamps == .now { return }
        let timestamp =
            verdict == .redrive ? originalTimestamp(letter, recordTimestamp: recordTimestamp) : recordTimestamp
        if let objection = rules.objection(to: timestamp, now: now) { throw objection }
    }
}

extension DrainRules.Route {
    /// The partition that a record goes to at its destination; nil lets its key choose.
    ///
    /// Back at its origin it stands in the partition that it came from, while the topic has that. Without a key it goes with
    /// all others of its source partition, so that they keep their order.
    ///
    /// - Parameters:
    ///   - count: partitions of the destination; asked for only where they matter.
    ///   - origin: the partition that the record came from first, where that is known.
    ///   - source: the one that it is read from.
    package func partition(
        of count: @autoclosure () -> Int32?, origin: Int32?, source: Int32, hasKey: Bool
    ) -> Int32? {
        let isOrigin = if case .origin = self { true } else { false }
        guard isOrigin || !hasKey, let count = count(), count > 0 else { return nil }
        if isOrigin, let origin, origin < count { return origin }
        return hasKey ? nil : source % count
    }
}

/// Why a record is set aside: the value of `gamification.parked.reason`.
package enum ParkReason {
    /// Redriven as often as is allowed.
    package static let retriesUsedUp = "retries.exhausted"
    /// No dialect names where it came from.
    package static let originMissing = "origin.missing"
    /// Its origin is none of the topics that may be published to.
    package static let originNotAllowed = "origin.not_allowed"
    /// It has no body, and its origin has none any more.
    package static let bodyMissing = "body.missing"
    /// Its destination refused it for good.
    package static let unpublishable = "unpublishable"
}
