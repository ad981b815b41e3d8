/// The five kinds of event; in flags, headers and reports a type is written exactly as its topic's name.
package enum EventType: String, CaseIterable, Sendable {
    case pointsEarned = "points.earned"
    case customerUpdated = "customer.updated"
    case badgeAwarded = "badge.awarded"
    case badgeTask = "badge.task"
    case cacheInvalidate = "cache.invalidate"

    /// The type of a topic's events, or of a header's value; compared byte for byte, without allocation.
    package init?(bytes: UnsafeRawBufferPointer) {
        guard let match = Self.allCases.first(where: { bytes.equals($0.topic) }) else { return nil }
        self = match
    }

    /// The name of the topic that carries these events.
    package var topic: StaticString {
        switch self {
        case .pointsEarned: "points.earned"
        case .customerUpdated: "customer.updated"
        case .badgeAwarded: "badge.awarded"
        case .badgeTask: "badge.task"
        case .cacheInvalidate: "cache.invalidate"
        }
    }
}
