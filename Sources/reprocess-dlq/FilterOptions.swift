import CommandLine
import Configuration
import Events

/// Which records a command is about.
struct FilterOptions: Sendable {
    let filter: EventFilter
    /// As the user gave them, for reports.
    let text: [String]

    /// - Parameters:
    ///   - decodes: whether bodies can be looked into; a filter that needs them is a mistake otherwise.
    ///   - now: what `-2h` counts from.
    init(_ reader: inout OptionReader, decodes: Bool, now: TimePoint) {
        var filter = EventFilter(
            timeBasis: reader.choice(
                Flags.time, as: EventFilter.TimeBasis.self, placeholder: EventFilter.TimeBasis.failed))
        filter.merchants = Self.identifiers(&reader, Flags.merchant)
        filter.customers = Self.identifiers(&reader, Flags.customer)
        filter.eventIDs = Self.identifiers(&reader, Flags.eventID)
        filter.eventTypes = Set(reader.choices(Flags.eventType, as: EventType.self))
        filter.errorCodes = Set(reader.choices(Flags.errorCode, as: ErrorCode.self))
        filter.since = reader.time(Flags.since, relativeTo: now)?.milliseconds
        filter.until = reader.time(Flags.until, relativeTo: now)?.milliseconds
        if let since = filter.since, let until = filter.until, since >= until {
            reader.report(Flags.until, "ends before --since begins; nothing could be selected")
        }
        if !decodes, filter.needsPayload {
            let windowNeedsIt = filter.timeBasis == .event
            for flag in [Flags.customer] + (windowNeedsIt ? [Flags.since, Flags.until] : []) where reader.isGiven(flag)
            {
                reader.report(flag, "needs the payload: give --schema-registry URL instead of --no-decode")
            }
        }
        self.filter = filter
        text = (Flags.filters).flatMap { flag in
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
