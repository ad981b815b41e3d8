import CGamificationProtocol

/// What `/gamification.v1/GetBadges` takes.
package struct GetBadgesRequest: Sendable, Equatable {
    /// The merchant's id, a UUID.
    package var merchantID: String
    /// The customer's id, a UUID.
    package var customerID: String
    /// The language wanted, or given.
    package var locale: String
    /// The most entries wanted; 0 leaves it to the server.
    package var pageSize: Int32
    /// Where to go on, as the answer before said; empty for the first page.
    package var pageToken: String

    /// A message of these parts; those that are left out are empty.
    package init(
        merchantID: String = "", customerID: String = "", locale: String = "", pageSize: Int32 = 0,
        pageToken: String = ""
    ) {
        self.merchantID = merchantID
        self.customerID = customerID
        self.locale = locale
        self.pageSize = pageSize
        self.pageToken = pageToken
    }

    init(_ native: Gamification__V1__GetBadgesRequest) {
        merchantID = text(native.merchant_id)
        customerID = text(native.customer_id)
        locale = text(native.locale)
        pageSize = native.page_size
        pageToken = text(native.page_token)
    }

    func native(_ arena: PackArena) -> Gamification__V1__GetBadgesRequest {
        var native = Gamification__V1__GetBadgesRequest()
        gamification__v1__get_badges_request__init(&native)
        native.merchant_id = arena.text(merchantID)
        native.customer_id = arena.text(customerID)
        native.locale = arena.text(locale)
        native.page_size = pageSize
        native.page_token = arena.text(pageToken)
        return native
    }
}

extension GetBadgesRequest: ProtocolMessage {
    /// Reads the message, and checks its text.
    package init(decoding bytes: UnsafeRawBufferPointer) throws(ProtocolFault) {
        var empty = Gamification__V1__GetBadgesRequest()
        gamification__v1__get_badges_request__init(&empty)
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
