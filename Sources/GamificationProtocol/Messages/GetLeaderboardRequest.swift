import CGamificationProtocol

/// What `/gamification.v1/GetLeaderboard` takes.
package struct GetLeaderboardRequest: Sendable, Equatable {
    /// The merchant's id, a UUID.
    package var merchantID: String
    /// The most entries wanted; 0 leaves it to the server.
    package var pageSize: Int32
    /// Where to go on, as the answer before said; empty for the first page.
    package var pageToken: String
    /// The customer whose neighbours are wanted; empty for the top.
    package var aroundCustomerID: String

    /// A message of these parts; those that are left out are empty.
    package init(
        merchantID: String = "", pageSize: Int32 = 0, pageToken: String = "", aroundCustomerID: String = ""
    ) {
        self.merchantID = merchantID
        self.pageSize = pageSize
        self.pageToken = pageToken
        self.aroundCustomerID = aroundCustomerID
    }

    init(_ native: Gamification__V1__GetLeaderboardRequest) {
        merchantID = text(native.merchant_id)
        pageSize = native.page_size
        pageToken = text(native.page_token)
        aroundCustomerID = text(native.around_customer_id)
    }

    func native(_ arena: PackArena) -> Gamification__V1__GetLeaderboardRequest {
        var native = Gamification__V1__GetLeaderboardRequest()
        gamification__v1__get_leaderboard_request__init(&native)
        native.merchant_id = arena.text(merchantID)
        native.page_size = pageSize
        native.page_token = arena.text(pageToken)
        native.around_customer_id = arena.text(aroundCustomerID)
        return native
    }
}

extension GetLeaderboardRequest: ProtocolMessage {
    /// Reads the message, and checks its text.
    package init(decoding bytes: UnsafeRawBufferPointer) throws(ProtocolFault) {
        var empty = Gamification__V1__GetLeaderboardRequest()
        gamification__v1__get_leaderboard_request__init(&empty)
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
