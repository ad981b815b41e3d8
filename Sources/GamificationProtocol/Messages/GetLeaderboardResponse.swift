import CGamificationProtocol

/// What `/gamification.v1/GetLeaderboard` answers.
package struct GetLeaderboardResponse: Sendable, Equatable {
    /// One page of the board.
    package var entries: [LeaderboardEntry]
    /// Where to go on; empty on the last page.
    package var nextPageToken: String
    /// How many customers stand on the board.
    package var total: Int64

    /// A message of these parts; those that are left out are empty.
    package init(
        entries: [LeaderboardEntry] = [], nextPageToken: String = "", total: Int64 = 0
    ) {
        self.entries = entries
        self.nextPageToken = nextPageToken
        self.total = total
    }

    init(_ native: Gamification__V1__GetLeaderboardResponse) {
        entries = (0..<native.n_entries).compactMap { index in
            native.entries[index].map { LeaderboardEntry($0.pointee) }
        }
        nextPageToken = text(native.next_page_token)
        total = native.total
    }

    func native(_ arena: PackArena) -> Gamification__V1__GetLeaderboardResponse {
        var native = Gamification__V1__GetLeaderboardResponse()
        gamification__v1__get_leaderboard_response__init(&native)
        native.entries = arena.list(entries.map { arena.message($0.native(arena)) })
        native.n_entries = entries.count
        native.next_page_token = arena.text(nextPageToken)
        native.total = total
        return native
    }
}

extension GetLeaderboardResponse: ProtocolMessage {
    /// Reads the message, and checks its text.
    package init(decoding bytes: UnsafeRawBufferPointer) throws(ProtocolFault) {
        var empty = Gamification__V1__GetLeaderboardResponse()
        gamification__v1__get_leaderboard_response__init(&empty)
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
