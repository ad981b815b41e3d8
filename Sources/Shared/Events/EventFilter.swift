/// Which records a run selects; every condition that is set must hold. Compiled once from the flags, then pure: any
/// thread may use it.
package struct EventFilter: Sendable {
    /// Which time `since` and `until` mean.
    package enum TimeBasis: String, Sendable, CaseIterable {
        /// The event's: `created_at` of the body, else the timestamp at the origin, else the record's own.
        case event
        /// The failure's: `gamification.first.failed.at`, else the record's own timestamp.
        case failed
    }

    /// What a filter says before the body has been decoded.
    package enum Preselection: Sendable {
        case selected
        case rejected
        /// The body decides: decode, then ask `matches`.
        case undecided
    }

    /// Any of these merchants; empty: all.
    package var merchants: Set<Identifier> = []
    /// Any of these types; empty: all.
    package var eventTypes: Set<EventType> = []
    /// Any of these customers; empty: all.
    package var customers: Set<Identifier> = []
    /// Any of these events; empty: all.
    package var eventIDs: Set<Identifier> = []
    /// Any of these codes; empty: all. A record without a code has none of them, `other` included.
    package var errorCodes: Set<ErrorCode> = []
    /// From this time on, in milliseconds since 1970.
    package var since: Int64?
    /// Before this time, in milliseconds since 1970.
    package var until: Int64?
    /// Which time is meant.
    package var timeBasis: TimeBasis

    /// A filter that selects everything.
    package init(timeBasis: TimeBasis) {
        self.timeBasis = timeBasis
    }

    /// Whether it selects every record.
    package var isEmpty: Bool {
        merchants.isEmpty && eventTypes.isEmpty && customers.isEmpty && eventIDs.isEmpty && errorCodes.isEmpty
            && !hasWindow
    }

    /// Whether no header can answer it: without a registry it is refused. Merchants, types and event ids are answered
    /// by `gamification.*` headers and the origin topic, where a record has them.
    package var needsPayload: Bool {
        !customers.isEmpty || (hasWindow && timeBasis == .event)
    }

    /// Decides by headers alone, as far as the body cannot change the answer.
    ///
    /// - Parameters:
    ///   - letter: What the headers say; a replay gives its source as the origin.
    ///   - recordTimestamp: The record's own, in milliseconds since 1970; `nil` if it has none.
    package func preselect(_ letter: DeadLetter, recordTimestamp: Int64?) -> Preselection {
        guard matchesErrorCode(letter) else { return .rejected }
        if timeBasis == .failed, !matchesWindow(letter.firstFailedAt ?? recordTimestamp) { return .rejected }
        if !eventTypes.isEmpty, let type = letter.origin?.eventType ?? letter.eventType, !eventTypes.contains(type) {
            return .rejected
        }
        let typeIsOpen = !eventTypes.isEmpty && letter.origin?.eventType == nil && letter.eventType == nil
        return needsPayload || !merchants.isEmpty || !eventIDs.isEmpty || typeIsOpen ? .undecided : .selected
    }

    /// Decides. What the body says goes before what a header says.
    ///
    /// - Parameters:
    ///   - letter: What the headers say; a replay gives its source as the origin.
    ///   - fields: What was read of the body; `nil` if nothing could be, or was not tried to.
    ///   - recordTimestamp: The record's own, in milliseconds since 1970; `nil` if it has none.
    package func matches(_ letter: DeadLetter, _ fields: EventFields?, recordTimestamp: Int64?) -> Bool {
        guard matchesErrorCode(letter) else { return false }
        if !merchants.isEmpty, !contains(merchants, fields?.merchantID ?? letter.merchantID) { return false }
        if !customers.isEmpty, !contains(customers, fields?.customerID) { return false }
        if !eventIDs.isEmpty, !contains(eventIDs, fields?.eventID ?? letter.eventID) { return false }
        if !eventTypes.isEmpty {
            guard let type = letter.origin?.eventType ?? letter.eventType ?? fields?.type, eventTypes.contains(type)
            else { return false }
        }
        return switch timeBasis {
        case .event: matchesWindow(fields?.createdAt ?? letter.originTimestamp ?? recordTimestamp)
        case .failed: matchesWindow(letter.firstFailedAt ?? recordTimestamp)
        }
    }

    private var hasWindow: Bool { since != nil || until != nil }

    private func contains(_ ids: Set<Identifier>, _ id: Identifier?) -> Bool {
        id.map { ids.contains($0) } ?? false
    }

    private func matchesErrorCode(_ letter: DeadLetter) -> Bool {
        errorCodes.isEmpty || letter.errorCode.map { errorCodes.contains($0) } ?? false
    }

    private func matchesWindow(_ time: Int64?) -> Bool {
        guard hasWindow else { return true }
        guard let time else { return false }
        return time >= since ?? .min && until.map { time < $0 } ?? true
    }
}
