/// A place on a board: points falling, then customers rising. Whoever is there may have moved since.
struct BoardPlace: Sendable, Equatable {
    /// The points that Redis keeps exactly.
    static let pointsRange = -((Int64(1) << 53) - 1)...((Int64(1) << 53) - 1)

    let points: Int64
    /// A lower-case UUID.
    let customer: String
}

/// One page of a board.
struct BoardPage: Sendable, Equatable {
    struct Entry: Sendable, Equatable {
        /// A lower-case UUID.
        let customer: String
        let points: Int64
        /// Competition rank: 1, 2, 2, 4.
        let rank: Int64
    }

    var entries: [Entry]
    /// Customers on the whole board.
    let total: Int64
    /// Whether entries follow these.
    let hasMore: Bool

    /// The place of the last entry, after which the next page begins; nil if nothing follows.
    var end: BoardPlace? {
        guard hasMore, let last = entries.last else { return nil }
        return BoardPlace(points: last.points, customer: last.customer)
    }
}
