import CGamificationProtocol

/// What `/gamification.v1/AwardBadge` takes.
package struct AwardBadgeRequest: Sendable, Equatable {
    /// The merchant's id, a UUID.
    package var merchantID: String
    /// The customer's id, a UUID.
    package var customerID: String
    /// The badge's key.
    package var badge: String
    /// The language wanted, or given.
    package var locale: String

    /// A message of these parts; those that are left out are empty.
    package init(
        merchantID: String = "", customerID: String = "", badge: String = "", locale: String = ""
    ) {
        self.merchantID = merchantID
        self.customerID = customerID
        self.badge = badge
        self.locale = locale
    }

    init(_ native: Gamification__V1__AwardBadgeRequest) {
        merchantID = text(native.merchant_id)
        customerID = text(native.customer_id)
        badge = text(native.badge)
        locale = text(native.locale)
    }

    func native(_ arena: PackArena) -> Gamification__V1__AwardBadgeRequest {
        var native = Gamification__V1__AwardBadgeRequest()
        gamification__v1__award_badge_request__init(&native)
        native.merchant_id = arena.text(merchantID)
        native.customer_id = arena.text(customerID)
        native.badge = arena.text(badge)
        native.locale = arena.text(locale)
        return native
    }
}

extension AwardBadgeRequest: ProtocolMessage {
    /// Reads the message, and checks its text.
    package init(decoding bytes: UnsafeRawBufferPointer) throws(ProtocolFault) {
        var empty = Gamification__V1__AwardBadgeRequest()
        gamification__v1__award_badge_request__init(&empty)
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
