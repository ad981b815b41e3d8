/// What a record's headers say of its failure, whichever program wrote them.
package struct DeadLetter: Sendable {
    /// Where the record came from first; `nil` if no dialect gives topic, partition and offset, all of them valid.
    package var origin: Origin?
    /// The dialect that gave `origin`.
    package var dialect: Dialect?
    /// Every dialect with at least one header that is read.
    package var dialects: DialectSet = []
    /// Dialects that give a complete origin other than `origin`.
    package var disagreeing: DialectSet = []
    /// Dialects with some header of an origin, but no complete and valid one.
    package var unreadable: DialectSet = []
    /// Names that stood more than once; the last value counted.
    package var doubled: HeaderNameSet = []
    /// Headers of ours whose value could not be read.
    package var invalid: HeaderNameSet = []

    /// The timestamp the record had at its origin, where a header keeps it: milliseconds since 1970, 0 and up.
    package var originTimestamp: Int64?
    /// Whether `gamification.original.timestamp` is on the record, so that it is not written again.
    package var hasOriginalTimestamp = false
    /// Why it failed; `nil` without the header.
    package var errorCode: ErrorCode?
    /// When it failed first: milliseconds since 1970.
    package var firstFailedAt: Int64?
    /// How often it has been redriven: 0 to `maximumCount`. Meaningless where `parkReason` is set.
    package var retryCount: Int32 = 0
    /// How often it was taken back from the parked topic: 0 to `maximumCount`.
    package var unparkedCount: Int32 = 0
    /// The event's id, where a header tells.
    package var eventID: Identifier?
    /// The event's type, where a header tells.
    package var eventType: EventType?
    /// The event's merchant, where a header tells.
    package var merchantID: Identifier?
    /// Which tool published it last; `nil` if none did.
    package var redriveKind: RedriveKind?

    /// A dead letter of which nothing is known.
    package init() {}

    /// The largest count that is believed.
    package static let maximumCount: Int32 = 1_000_000

    /// Why the record cannot be redriven whatever its payload: a retry count that cannot be read must not start the
    /// count anew. `nil` if there is no such reason.
    package var parkReason: String? {
        invalid.contains(.retryCount) ? Self.invalidHeader : nil
    }

    /// The reason a record is parked with when a header of ours cannot be read.
    package static let invalidHeader = "header.invalid"

    /// Whether the headers contradict each other or themselves.
    package var hasConflicts: Bool {
        !disagreeing.isEmpty || !unreadable.isEmpty || !doubled.isEmpty || !invalid.isEmpty
    }
}
