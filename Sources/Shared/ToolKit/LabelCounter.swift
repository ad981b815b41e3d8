/// Counts by label in bounded memory: exact as long as there are at most `limit` labels. Beyond that the rarer half
/// makes room, again and again, so that a label with more than its fair share is never lost.
package struct LabelCounter<Label: Hashable & Sendable>: Sendable {
    /// The most labels that are held.
    package let limit: Int
    /// What was counted of the labels that are held.
    package private(set) var counts: [Label: Int64] = [:]
    /// What was counted of labels that had to make room.
    package private(set) var evicted: Int64 = 0

    /// A counter that has counted nothing.
    package init(limit: Int = 16_384) {
        self.limit = max(2, limit)
    }

    /// Whether every count is right; otherwise they are lower bounds.
    package var isExact: Bool { evicted == 0 }

    /// Everything that was counted.
    package var total: Int64 { counts.values.reduce(evicted, +) }

    /// Counts the label once.
    package mutating func add(_ label: Label) {
        counts[label, default: 0] += 1
        if counts.count > limit { makeRoom() }
    }

    /// The most frequent labels as text, by count and then by text, and what the others come to.
    package func largest(_ limit: Int, _ text: (Label) -> String) -> LabelRanking {
        var entries = counts.map { LabelRanking.Entry(text: text($0.key), count: $0.value) }
        entries.sort { ($1.count, $0.text) < ($0.count, $1.text) }
        return LabelRanking(
            entries: Array(entries.prefix(limit)),
            otherCount: entries.dropFirst(limit).reduce(evicted) { $0 + $1.count },
            otherKinds: max(0, entries.count - limit), isExact: isExact)
    }

    private mutating func makeRoom() {
        let threshold = counts.values.sorted(by: >)[limit / 2]
        var kept: [Label: Int64] = [:]
        kept.reserveCapacity(limit)
        for (label, count) in counts {
            if count > threshold { kept[label] = count } else { evicted += count }
        }
        counts = kept
    }
}

/// The most frequent labels of a `LabelCounter`.
package struct LabelRanking: Sendable {
    /// One label.
    package struct Entry: Sendable {
        /// The label, for people.
        package let text: String
        /// How often it was counted.
        package let count: Int64

        /// A label of these parts.
        package init(text: String, count: Int64) {
            self.text = text
            self.count = count
        }
    }

    /// The most frequent first.
    package let entries: [Entry]
    /// What all other labels come to.
    package let otherCount: Int64
    /// How many other labels there are, at least.
    package let otherKinds: Int
    /// Whether the counts are exact; otherwise lower bounds.
    package let isExact: Bool

    /// A ranking of these parts.
    package init(entries: [Entry], otherCount: Int64, otherKinds: Int, isExact: Bool) {
        self.entries = entries
        self.otherCount = otherCount
        self.otherKinds = otherKinds
        self.isExact = isExact
    }
}
