import CGamificationProtocol

/// One place of a leaderboard.
package struct LeaderboardEntry: Sendable, Equatable {
    /// The customer's id, a UUID.
    package var customerID: String
    /// The customer's points.
    package var points: Int64
    /// The customer's place, from 1.
    package var rank: Int64

    /// A message of these parts; those that are left out are empty.
    package init(
        customerID: String = "", points: Int64 = 0, rank: Int64 = 0
    ) {
        self.customerID = customerID
        self.points = points
        self.rank = rank
    }

    init(_ native: Gamification__V1__LeaderboardEntry) {
        customerID = text(native.customer_id)
        points = native.points
        rank = native.rank
    }

    func native(_ arena: PackArena) -> Gamification__V1__LeaderboardEntry {
        var native = Gamification__V1__LeaderboardEntry()
        gamification__v1__leaderboard_entry__init(&native)
        native.customer_id = arena.text(customerID)
        native.points = points
        native.rank = rank
        return native
    }
}

extension LeaderboardEntry: ProtocolMessage {
    /// Reads the message, and checks its text.
    package init(decoding bytes: UnsafeRawBufferPointer) throws(ProtocolFault) {
        var empty = Gamification__V1__LeaderboardEntry()
        gamification__v1__leaderboard_entry__init(&empty)
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
