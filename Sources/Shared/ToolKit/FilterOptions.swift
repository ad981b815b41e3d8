package import CommandLine
import Configuration
package import Events

/// Which records a command is about.
package struct FilterOptions: Sendable {
    /// What it selects.
    package let filter: EventFilter
    /// As the user gave them, for reports.
    package let text: [String]

    /// - Parameters:
    ///   - time: the flag that says which time is meant, with the program's own default.
    ///   - more: the program's own filters, for `text` alone.
    ///   - decodes: whether bodies can be looked into; a filter that needs them is a mistake otherwise.
    ///   - now: what `-2h` counts from.
    package init(
        _ reader: inout OptionReader, time: Flag = RedriveFlags.time, more: [Flag] = [], decodes: Bool, now: TimePoint
    ) {
        var filter = EventFilter(
            timeBasis: reader.choice(
                time, as: EventFilter.TimeBasis.self, placeholder: EventFilter.TimeBasis.failed))
        filter.merchants = Self.identifiers(&reader, RedriveFlags.merchant)
        filter.customers = Self.identifiers(&reader, RedriveFlags.customer)
        filter.eventIDs = Self.identifiers(&reader, RedriveFlags.eventID)
        filter.eventTypes = Set(reader.choices(RedriveFlags.eventType, as: EventType.self))
        filter.errorCodes = Set(reader.choices(RedriveFlags.errorCode, as: ErrorCode.self))
        filter.since = reader.time(RedriveFlags.since, relativeTo: now)?.milliseconds
        filter.until = reader.time(RedriveFlags.until, relativeTo: now)?.milliseconds
        if let since = filter.since, let until = filter.until, since >= until {
            reader.report(RedriveFlags.until, "ends before --since begins; nothing could be selected")
        }
        if !decodes, filter.needsPayload {
            let windowNeedsIt = filter.timeBasis == .event
            for flag in [RedriveFlags.customer] + (windowNeedsIt ? [RedriveFlags.since, RedriveFlags.until] : [])
            where reader.isGiven(flag) {
                reader.report(flag, "needs the payload: give --schema-registry URL instead of --no-decode")
            }
        }
        self.filter = filter
        text = (RedriveFlags.filters + more).flatMap { flag in
            reader.isGiven(flag) ? reader.values(of: flag).map { "--\(flag.long) \($0.text)" } : []
        }
    }

    private static func identifiers(_ reader: inout OptionReader, _ flag: Flag) -> Set<Identifier> {
        Set(
            reader.list(flag) { text throws(ValueError) in
                guard let id = Identifier(text) else {
                    throw ValueError(text, isNot: "an id", give: "1 to \(Identifier.maximumLength) bytes of text")
                }
                return id
            })
    }
}
