package import Postgres

/// An intent to take one group out of every cache, by the ids of its rows in translation_invalidations: a trigger writes
/// them in the transaction of every change (migrations/0003).
package struct TranslationIntent: Sendable, Equatable {
    /// What is to go from the caches.
    package let group: TranslationGroup
    /// The rows that say so.
    package var ids: [Int64]

    /// An intent of these rows.
    package init(group: TranslationGroup, ids: [Int64]) {
        self.group = group
        self.ids = ids
    }

    /// Reads rows of id, key and locale in binary form, as one intent a group, in the order of their first rows.
    package static func read(_ rows: PostgresResult) -> [TranslationIntent] {
        var places: [TranslationGroup: Int] = [:]
        var intents: [TranslationIntent] = []
        for row in 0..<rows.rowCount {
            guard let id = rows.binaryInteger(row, 0) else { continue }
            let group = TranslationGroup(key: rows.text(row, 1) ?? "", locale: rows.text(row, 2) ?? "")
            if let place = places[group] {
                intents[place].ids.append(id)
            } else {
                places[group] = intents.count
                intents.append(TranslationIntent(group: group, ids: [id]))
            }
        }
        return intents
    }
}
