import Postgres

/// A row as it was read: where it stands, and which transaction wrote it. A row at the same place with the same writer
/// is the same row, unchanged.
struct RowReference: Sendable, Hashable {
    let place: PostgresRowPlace
    let writer: UInt32
}

/// A key and a locale.
struct GroupKey: Sendable, Hashable, Comparable {
    let key: String
    let locale: String

    /// By bytes, as the database's collation "C" does.
    static func < (left: GroupKey, right: GroupKey) -> Bool {
        left.key == right.key
            ? left.locale.utf8.lexicographicallyPrecedes(right.locale.utf8)
            : left.key.utf8.lexicographicallyPrecedes(right.key.utf8)
    }

    // By bytes as well: to String two spellings of one accented letter are equal, to the database they are not.
    static func == (left: GroupKey, right: GroupKey) -> Bool {
        left.key.utf8.elementsEqual(right.key.utf8) && left.locale.utf8.elementsEqual(right.locale.utf8)
    }

    func hash(into hasher: inout Hasher) {
        for byte in key.utf8 { hasher.combine(byte) }
        hasher.combine(UInt8(0))
        for byte in locale.utf8 { hasher.combine(byte) }
    }
}

/// What is to be deleted of one group.
struct GroupWork: Sendable, Equatable {
    let group: GroupKey
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
