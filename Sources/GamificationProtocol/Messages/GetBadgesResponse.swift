import CGamificationProtocol

/// What `/gamification.v1/GetBadges` answers.
package struct GetBadgesResponse: Sendable, Equatable {
    /// One page of them.
    package var badges: [Badge]
    /// Where to go on; empty on the last page.
    package var nextPageToken: String

    /// A message of these parts; those that are left out are empty.
    package init(
        badges: [Badge] = [], nextPageToken: String = ""
    ) {
        self.badges = badges
        self.nextPageToken = nextPageToken
    }

    init(_ native: Gamification__V1__GetBadgesResponse) {
        badges = (0..<native.n_badges).compactMap { index in native.badges[index].map { Badge($0.pointee) } }
        nextPageToken = text(native.next_page_token)
    }

    func native(_ arena: PackArena) -> Gamification__V1__GetBadgesResponse {
        var native = Gamification__V1__GetBadgesResponse()
        gamification__v1__get_badges_response__init(&native)
        native.badges = arena.list(badges.map { arena.message($0.native(arena)) })
        native.n_badges = badges.count
        native.next_page_token = arena.text(nextPageToken)
        return native
    }
}

extension GetBadgesResponse: ProtocolMessage {
    /// Reads the message, and checks its text.
    package init(decoding bytes: UnsafeRawBufferPointer) throws(ProtocolFault) {
        var empty = Gamification__V1__GetBadgesResponse()
        gamification__v1__get_badges_response__init(&empty)
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
