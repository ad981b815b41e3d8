import Translations

/// Which of the run's own intents may be finished: those of groups that nothing more is deleted from, so that a group's
/// caches are told once, and only when the deletion is safe on disk. Pure.
struct IntentLedger: Sendable {
    /// Intents of groups with rows that are tried again.
    private var held: [TranslationGroup: [Int64]] = [:]
    /// Intents of groups that are done, in transactions that the disk may not have yet.
    private var pending: [TranslationIntent] = []
    /// Those of them that the disk is taking.
    private var synchronizing: [TranslationIntent] = []

    /// Groups that wait for the disk to be asked.
    var pendingCount: Int { pending.count }

    /// A transaction has left intents. `isDone` says whether anything more is to be deleted from a group.
    mutating func note(_ intents: [TranslationIntent], isDone: (TranslationGroup) -> Bool) {
        for intent in intents {
            if isDone(intent.group) {
                let earlier = held.removeValue(forKey: intent.group) ?? []
                pending.append(TranslationIntent(group: intent.group, ids: earlier + intent.ids))
            } else {
                held[intent.group, default: []] += intent.ids
            }
        }
    }

    /// Nothing more is to be deleted from a group, though something was before.
    mutating func settle(_ group: TranslationGroup) {
        if let ids = held.removeValue(forKey: group) { pending.append(TranslationIntent(group: group, ids: ids)) }
    }

    /// The disk is asked to take everything.
    mutating func beginSynchronization() {
        synchronizing += pending
        pending = []
    }

    /// The disk has what it was asked to take: what may be finished now.
    mutating func synchronized() -> [TranslationIntent] {
        defer { synchronizing = [] }
        return synchronizing
    }

    /// Whether the disk has it is not known.
    mutating func synchronizationFailed() {
        pending = synchronizing + pending
        synchronizing = []
    }

    /// The run ends: no group is tried again.
    mutating func settleAll() {
        for group in held.keys.sorted() { settle(group) }
    }

    /// The connection was lost, and with it what is known of unsafe transactions. The rows of translation_invalidations
    /// that survived are found by a sweep.
    mutating func lost() {
        held = [:]
        pending = []
        synchronizing = []
    }
}
