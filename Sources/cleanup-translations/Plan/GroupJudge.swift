import Translations

/// Takes the rows of groups in order, newest first, and says which go. Pure.
struct GroupJudge: Sendable {
    private let rules: PruneRules
    private var work: GroupWork?
    private var rank = 0
    private var newest: RowReference?
    /// Rows whose version is not semantic, so far.
    private(set) var unsemantic = 0
    /// Rows taken so far.
    private(set) var rows = 0

    init(_ rules: PruneRules) { self.rules = rules }

    /// The group whose rows come now.
    var group: TranslationGroup? { work?.group }

    /// Begins a group; the one before must have been ended.
    mutating func begin(_ group: TranslationGroup) {
        work = GroupWork(group: group, victims: [])
        rank = 0
        newest = nil
    }

    /// Takes the group's next row; true if it goes.
    mutating func take(_ row: RowReference, isSemantic: Bool, createdAt: Int64) -> Bool {
        rows += 1
        guard isSemantic else {
            unsemantic += 1
            return false
        }
        rank += 1
        let goes = rules.takes(rank: rank, createdAt: createdAt)
        if rank == 1, !goes { newest = row }
        if goes { work?.victims.append(row) }
        return goes
    }

    /// Ends the group; nil if none of it goes.
    mutating func end() -> GroupWork? {
        defer { work = nil }
        guard var work, !work.victims.isEmpty else { return nil }
        work.survivor = newest
        return work
    }
}
