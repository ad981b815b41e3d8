import CGamificationProtocol

/// A badge that a customer has.
package struct Badge: Sendable, Equatable {
    /// The badge's key.
    package var badge: String
    /// The badge's name in that language.
    package var name: String
    /// The language wanted, or given.
    package var locale: String
    /// When it was awarded; nil where that was not said.
    package var awardedAt: ProtocolTimestamp?
    /// The id of the event that says so.
    package var eventID: String

    /// A message of these parts; those that are left out are empty.
    package init(
        badge: String = "", name: String = "", locale: String = "", awardedAt: ProtocolTimestamp? = nil,
        eventID: String = ""
    ) {
        self.badge = badge
        self.name = name
        self.locale = locale
        self.awardedAt = awardedAt
        self.eventID = eventID
    }

    init(_ native: Gamification__V1__Badge) {
        badge = text(native.badge)
        name = text(native.name)
        locale = text(native.locale)
        awardedAt = timestamp(native.awarded_at)
        eventID = text(native.event_id)
    }

    func native(_ arena: PackArena) -> Gamification__V1__Badge {
        var native = Gamification__V1__Badge()
        gamification__v1__badge__init(&native)
        native.badge = arena.text(badge)
        native.name = arena.text(name)
        native.locale = arena.text(locale)
        native.awarded_at = arena.timestamp(awardedAt)
        native.event_id = arena.text(eventID)
        return native
    }
}

extension Badge: ProtocolMessage {
    /// Reads the message, and checks its text.
    package init(decoding bytes: UnsafeRawBufferPointer) throws(ProtocolFault) {
        var empty = Gamification__V1__Badge()
        gamification__v1__badge__init(&empty)
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
