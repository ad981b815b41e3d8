import Postgres
import Translations

/// A row as it was read: where it stands, and which transaction wrote it. A row at the same place with the same writer
/// is the same row, unchanged.
struct RowReference: Sendable, Hashable {
    let place: PostgresRowPlace
    let writer: UInt32
}

/// What is to be deleted of one group.
struct GroupWork: Sendable, Equatable {
    let group: TranslationGroup
    /// The newest version, which is to be locked while others are deleted; nil where it goes itself, as
    /// `--include-current` allows.
    var survivor: RowReference?
    var victims: [RowReference]
}

/// Several groups for one transaction.
struct PruneBatch: Sendable, Equatable {
    var groups: [GroupWork] = []
    var rows: Int { groups.reduce(0) { $0 + $1.victims.count } }
    /// Whether each group's survivor is locked; a batch has groups of one kind.
    var isGuarded: Bool { groups.first?.survivor != nil }
}
