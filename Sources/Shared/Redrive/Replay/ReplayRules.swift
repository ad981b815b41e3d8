package import Events

/// How events are judged and published: settled before a run begins, the same for all of its copies.
package struct ReplayRules: Sendable {
    /// What becomes of a record whose body cannot be read.
    package enum OnUndecodable: String, Sendable, CaseIterable {
        /// Counted, reported, not published.
        case skip
        /// The run ends before it.
        case stop
        /// Published, where its headers tell that it is selected.
        case publish
    }

    /// Where events go. Nil is an archive, which takes records of every origin.
    package var route: DrainRules.Route?
    /// The run's name.
    package var run: String
    /// Whether events keep the time of their origin.
    package var timestamps = DrainRules.Timestamps.keep
    /// What becomes of events whose body cannot be read.
    package var onUndecodable = OnUndecodable.skip
    /// The topics that may be published to.
    package var destinations: [String: TopicRules]

    /// Rules with the defaults of every option that is not named here.
    package init(route: DrainRules.Route?, run: String, destinations: [String: TopicRules]) {
        self.route = route
        self.run = run
        self.destinations = destinations
    }

    /// What becomes of a record: a pure function of what was found and of where it came from.
    ///
    /// - Parameter origin: the topic that its headers name.
    /// - Throws: the reason, where an undecodable record is to end the run.
    package func verdict(
        _ finding: ReplayInspector.Finding, origin: String?
    ) throws(UndecodableRecord) -> Verdict {
        switch finding {
        case .rejected, .needsSchema: return .drop(reason: nil)
        case .selected: break
        case .undecodable(let reason, let isSelected):
            switch onUndecodable {
            case .skip: return .drop(reason: reason)
            case .stop: throw UndecodableRecord(reason: reason)
            // With headers that nobody can read it would lose them.
            case .publish: if !isSelected { return .drop(reason: reason) }
            }
        }
        if case .origin(let allowed) = route, let origin, !allowed.contains(origin) {
            return .drop(reason: ReplayReason.originNotAllowed)
        }
        return .redrive
    }

    /// Where a selected record goes.
    package func destination(_ letter: DeadLetter) -> String {
        if case .topic(let name) = route { return name }
        return letter.origin?.topic ?? ""
    }

    /// The time that a record is published with if it is kept, milliseconds since 1970.
    package func originalTimestamp(_ letter: DeadLetter, recordTimestamp: Int64) -> Int64 {
        letter.originTimestamp ?? recordTimestamp
    }

    /// Checks that the destination keeps a selected record as it is.
    package func checkTimestamp(
        _ letter: DeadLetter, recordTimestamp: Int64, now: Int64
    ) throws(TimestampObjection) {
        guard timestamps == .keep, let rules = destinations[destination(letter)] else { return }
        let time = originalTimestamp(letter, recordTimestamp: recordTimestamp)
        if let objection = rules.objection(to: time, now: now) { throw objection }
    }
}

/// A record that cannot be read, in a run that is to end there.
package struct UndecodableRecord: Error, Equatable, Sendable, CustomStringConvertible {
    /// Why it cannot be read, in a code.
    package let reason: String
    /// `TOPIC[PARTITION]` and the offset, once they are known.
    package var place = ""

    /// The refusal of an event that cannot be read for this reason.
    package init(reason: String) { self.reason = reason }

    /// What stopped the run, and what to do.
    package var description: String {
        "the record at \(place) cannot be read (\(reason)), and --on-undecodable stop ends the run there; go on with "
            + "--on-undecodable skip or publish"
    }
}
