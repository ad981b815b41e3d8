import Postgres
import Translations

@testable import cleanup_translations

/// A table of versions, its intents, and what of it the disk has. Versions are numbers; a group's newest is its greatest.
struct ModelTable {
    struct Row: Equatable {
        let group: TranslationGroup
        var version: Int
        let createdAt: Int64
        /// Changes with every change of the row.
        var reference: RowReference
    }

    struct Intent: Equatable {
        let id: Int64
        let group: TranslationGroup
    }

    /// What one asynchronous transaction did, to be undone by a crash.
    private struct Undo {
        let transaction: Int
        let rows: [Row]
        let intents: [Intent]
    }

    private(set) var rows: [Row] = []
    private(set) var intents: [Intent] = []
    /// Rows that somebody holds.
    var held: Set<RowReference> = []
    private var unsafe: [Undo] = []
    private var lastIntent: Int64 = 0
    private var lastPlace: UInt32 = 0
    /// The last transaction of the prune.
    private(set) var lastTransaction = 0

    private mutating func newReference() -> RowReference {
        lastPlace += 1
        return RowReference(place: PostgresRowPlace(block: lastPlace, index: 1), writer: lastPlace)
    }

    var groups: [TranslationGroup] { Array(Set(rows.map(\.group))).sorted() }

    /// Newest first, as the index has them.
    func versions(of group: TranslationGroup) -> [Row] {
        rows.filter { $0.group == group }.sorted { $0.version > $1.version }
    }

    // MARK: - Other writers, whose changes are safe at once

    private mutating func note(_ group: TranslationGroup) {
        lastIntent += 1
        intents.append(Intent(id: lastIntent, group: group))
    }

    mutating func publish(_ group: TranslationGroup, version: Int, createdAt: Int64) {
        rows.append(Row(group: group, version: version, createdAt: createdAt, reference: newReference()))
        note(group)
    }

    mutating func change(_ row: Row, version: Int) {
        guard let index = rows.firstIndex(of: row), !held.contains(row.reference) else { return }
        rows[index].version = version
        rows[index].reference = newReference()
        note(row.group)
    }

    mutating func remove(_ row: Row) {
        guard let index = rows.firstIndex(of: row), !held.contains(row.reference) else { return }
        rows.remove(at: index)
        note(row.group)
    }

    // MARK: - The prune

    /// As `Statements.delete` does: nothing of a group whose survivor is not there as it was read, or is held; rows that
    /// are held or have changed are passed over.
    mutating func delete(_ batch: PruneBatch) -> (counts: [Int], intents: [TranslationIntent]) {
        var counts: [Int] = []
        var works: [TranslationIntent] = []
        var gone: [Row] = []
        var left: [Intent] = []
        for work in batch.groups {
            let isGuarded = work.survivor.map { survivor in
                rows.contains { $0.reference == survivor } && !held.contains(survivor)
            }
            guard isGuarded ?? true else {
                counts.append(0)
                continue
            }
            let victims = rows.filter { work.victims.contains($0.reference) && !held.contains($0.reference) }
            rows.removeAll { victims.contains($0) }
            counts.append(victims.count)
            guard !victims.isEmpty else { continue }
            gone += victims
            note(work.group)
            left.append(intents[intents.count - 1])
            works.append(TranslationIntent(group: work.group, ids: [lastIntent]))
        }
        lastTransaction += 1
        unsafe.append(Undo(transaction: lastTransaction, rows: gone, intents: left))
        return (counts, works)
    }

    /// The disk takes every transaction up to this one.
    mutating func synchronize(upTo transaction: Int) { unsafe.removeAll { $0.transaction <= transaction } }

    /// The server dies: of the transactions that the disk may not have, the last ones, from `kept` on, never happened.
    /// Returns how many rows of each are there again.
    mutating func crash(keeping kept: Int) -> [Int: Int] {
        var undone: [Int: Int] = [:]
        for undo in unsafe.dropFirst(kept) {
            rows += undo.rows
            undone[undo.transaction] = undo.rows.count
            intents.removeAll { undo.intents.contains($0) }
        }
        unsafe = []
        held = []
        return undone
    }

    var unsafeCount: Int { unsafe.count }
    /// Whether a crash would undo something; a transaction that came to nothing need not be on the disk.
    var hasUnsafeRows: Bool { unsafe.contains { !$0.rows.isEmpty } }

    /// Whether a deletion with this intent is safe on the disk.
    func isSafe(_ id: Int64) -> Bool { !unsafe.contains { $0.intents.contains { $0.id == id } } }

    mutating func clear(_ ids: [Int64]) { intents.removeAll { ids.contains($0.id) } }
}
