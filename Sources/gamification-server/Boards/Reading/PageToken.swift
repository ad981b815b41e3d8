import Events

/// The tokens of pages: opaque to clients, of bounded length, and taken only as they were made. They hold a place, no secret, so
/// they are not signed.
enum PageToken {
    /// A place on a board: `1`, points, customer.
    static func encode(_ place: BoardPlace) -> String { text("1\(place.points).\(place.customer)") }

    /// Nil for anything that ``encode(_:)`` does not give.
    static func place(_ token: String) -> BoardPlace? {
        guard let body = body(token, kind: "1"), let dot = body.firstIndex(of: "."), let points = Int64(body[..<dot]),
            String(points) == body[..<dot], BoardPlace.pointsRange.contains(points)
        else { return nil }
        let customer = String(body[body.index(after: dot)...])
        guard let id = Identifier(customer), id.isUUID, id.description == customer else { return nil }
        return BoardPlace(points: points, customer: customer)
    }

    /// The last badge of a page.
    static func encode(badge: String) -> String { text("2\(badge)") }

    /// Nil for anything that ``encode(badge:)`` does not give.
    static func badge(_ token: String) -> String? {
        guard let body = body(token, kind: "2"), (1...BadgeList.badgeBytes).contains(body.utf8.count) else {
            return nil
        }
        return String(body)
    }

    private static func text(_ body: String) -> String { Base64URL.encode(body.utf8) }

    private static func body(_ token: String, kind: Character) -> Substring? {
        guard token.utf8.count <= BadgeList.badgeBytes * 2, let bytes = Base64URL.decode(token.utf8),
            let text = String(validating: bytes, as: UTF8.self), text.first == kind, !text.utf8.contains(0)
        else { return nil }
        return text.dropFirst()
    }
}
