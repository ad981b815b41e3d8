import Redis

/// What Redis answered to a ``BoardQueries``.
enum BoardReading: Sendable, Equatable {
    case page(BoardPage)
    /// The customer that was asked for has no points.
    case noSuchCustomer
    /// The board was not filled in the present epoch.
    case notFilled

    /// Nil if it is no answer of that script.
    init?(_ reply: RedisReply) {
        if reply == .null {
            self = .notFilled
            return
        }
        guard let parts = reply.elements, parts.count >= 3, parts.count % 2 == 1, let total = parts[0].number,
            let start = parts[1].number, let above = parts[2].number
        else { return nil }
        if start < 0 {
            self = .noSuchCustomer
            return
        }
        var entries: [BoardPage.Entry] = []
        entries.reserveCapacity(parts.count / 2)
        for index in stride(from: 3, to: parts.count, by: 2) {
            guard let customer = parts[index].text, let points = parts[index + 1].number else { return nil }
            let rank: Int64
            if let last = entries.last {
                rank = last.points == points ? last.rank : start + Int64(entries.count) + 1
            } else {
                rank = above + 1
            }
            entries.append(BoardPage.Entry(customer: customer, points: points, rank: rank))
        }
        self = .page(BoardPage(entries: entries, total: total, hasMore: start + Int64(entries.count) < total))
    }
}
