import Translations

/// Groups of which rows were skipped, because somebody else held or changed them: to be read and tried again. Bounded;
/// what does not fit is remembered as the place from which the table has to be read once more. Pure.
struct RetryList: Sendable {
    static let limit = 10_000

    private(set) var groups: Set<TranslationGroup> = []
    /// The first group that did not fit.
    private(set) var overflow: TranslationGroup?

    var isEmpty: Bool { groups.isEmpty && overflow == nil }

    mutating func add(_ group: TranslationGroup) {
        if groups.contains(group) || groups.count < Self.limit {
            groups.insert(group)
        } else if let first = overflow {
            overflow = min(first, group)
        } else {
            overflow = group
        }
    }

    /// Takes out up to `count` groups, in order.
    mutating func take(_ count: Int) -> [TranslationGroup] {
        let taken = Array(groups.sorted().prefix(count))
        groups.subtract(taken)
        return taken
    }

    /// Takes out the place to read from again.
    mutating func takeOverflow() -> TranslationGroup? {
        defer { overflow = nil }
        return overflow
    }
}
