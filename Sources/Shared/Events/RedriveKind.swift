/// Which tool published a record again.
package enum RedriveKind: String, Sendable, CaseIterable {
    /// The drain of a dead-letter queue: counts as a retry.
    case dlq
    /// A replay of events that had not failed: neither reads nor writes the retry count.
    case replay

    init?(bytes: UnsafeRawBufferPointer) {
        guard let match = Self.allCases.first(where: { bytes.equals($0.text) }) else { return nil }
        self = match
    }

    var text: StaticString {
        switch self {
        case .dlq: "dlq"
        case .replay: "replay"
        }
    }
}
