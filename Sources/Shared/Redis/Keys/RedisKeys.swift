/// The names of all keys, in one spelling. Ids are lower-case UUIDs; a badge is its translation's key, byte for byte.
package struct RedisKeys: Sendable, Equatable {
    /// How the names are spelled.
    package let style: RedisKeyStyle

    /// Names of this spelling.
    package init(_ style: RedisKeyStyle) { self.style = style }

    /// A badge that a customer has: a hash that lives an hour.
    package func badge(merchant: String, customer: String, badge: String) -> String {
        "badge:\(tag(merchant)):\(customer):\(badge)"
    }

    /// A merchant's board: a sorted set of points by customer.
    package func leaderboard(merchant: String) -> String { "leaderboard:\(tag(merchant))" }

    /// The versions of a board's entries, and the epoch in which it was filled: a hash.
    package func leaderboardVersion(merchant: String) -> String { "leaderboard_version:\(tag(merchant))" }

    /// The mark that an event is done: lives 24 hours.
    package func processed(merchant: String, event: String) -> String { "processed:\(tag(merchant)):\(event)" }

    /// A badge's name: `version|value`, lives 24 hours.
    package func translation(key: String, locale: String) -> String { "translations:\(tag(key)):\(locale)" }

    /// The mark that a token was revoked.
    package func revokedToken(_ id: String) -> String { "jwt_blacklist:\(tag(id))" }

    /// A customer that users-service knows, and the language they read: a hash that lives 24 hours.
    package func eligibility(merchant: String, customer: String) -> String {
        "eligibility:\(tag(merchant)):\(customer)"
    }

    /// What holds the token of whoever is filling the translation or eligibility key of this name: lives 5 seconds.
    package static func fill(_ name: String) -> String { "fill:\(name)" }

    /// Whether the two names are in one slot whatever the cluster; false only for a tag that begins with a brace.
    package static func sharesSlot(_ name: String, _ other: String) -> Bool { HashSlot.of(name) == HashSlot.of(other) }

    private func tag(_ part: String) -> String { style == .tagged ? "{\(part)}" : part }
}
