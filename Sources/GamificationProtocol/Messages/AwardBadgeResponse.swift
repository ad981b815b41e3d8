import CGamificationProtocol

/// What `/gamification.v1/AwardBadge` answers.
package struct AwardBadgeResponse: Sendable, Equatable {
    /// How it came out.
    package enum Status: UInt32, Sendable {
        case unspecified = 0
        case awarded = 1
        case alreadyAwarded = 2
    }

    /// How it ended.
    package var status: Status
    /// The id of the event that says so.
    package var eventID: String
    /// When it was awarded; nil where that was not said.
    package var awardedAt: ProtocolTimestamp?

    /// A message of these parts; those that are left out are empty.
    package init(
        status: Status = .unspecified, eventID: String = "", awardedAt: ProtocolTimestamp? = nil
    ) {
        self.status = status
        self.eventID = eventID
        self.awardedAt = awardedAt
    }

    init(_ native: Gamification__V1__AwardBadgeResponse) {
        // A value of a later version is not known here.
        status = Status(rawValue: native.status.rawValue) ?? .unspecified
        eventID = text(native.event_id)
        awardedAt = timestamp(native.awarded_at)
    }

    func native(_ arena: PackArena) -> Gamification__V1__AwardBadgeResponse {
        var native = Gamification__V1__AwardBadgeResponse()
        gamification__v1__award_badge_response__init(&native)
        native.status = Gamification__V1__AwardBadgeResponse__Status(rawValue: status.rawValue)
        native.event_id = arena.text(eventID)
        native.awarded_at = arena.timestamp(awardedAt)
        return native
    }
}

extension AwardBadgeResponse: ProtocolMessage {
    /// Reads the message, and checks its text.
    package init(decoding bytes: UnsafeRawBufferPointer) throws(ProtocolFault) {
        var empty = Gamification__V1__AwardBadgeResponse()
        gamification__v1__award_badge_response__init(&empty)
        self = try unpack(bytes, like: empty, empty.base.descriptor) { Self($0) }
    }

    /// Writes the message.
    package func encode<Result>(
        _ body: (_ byteCount: Int, _ write: (UnsafeMutableRawBufferPointer) -> Int) -> Result
    ) -> Result {
        let arena = PackArena()
        return withExtendedLifetime(arena) { pack(native(arena), body) }
    }
}
