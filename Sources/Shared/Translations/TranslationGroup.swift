/// A key and a locale of the table translations: all versions of one text. Contracts call it a group.
package struct TranslationGroup: Sendable, Hashable, Comparable {
    /// The text's key, `badge.achievement.7`.
    package let key: String
    /// Its language, `de` or `pt-BR`.
    package let locale: String

    /// The group of these, byte for byte.
    package init(key: String, locale: String) {
        self.key = key
        self.locale = locale
    }

    /// The name under which its newest version is cached, in the plain spelling: also the key of `cache.invalidate`.
    package var cacheName: String { "translations:\(key):\(locale)" }

    /// By bytes, as the database's collation "C" does.
    package static func < (left: TranslationGroup, right: TranslationGroup) -> Bool {
        left.key.utf8.elementsEqual(right.key.utf8)
            ? left.locale.utf8.lexicographicallyPrecedes(right.locale.utf8)
            : left.key.utf8.lexicographicallyPrecedes(right.key.utf8)
    }

    // By bytes as well: to String two spellings of one accented letter are equal, to the database they are not.
    /// The same bytes.
    package static func == (left: TranslationGroup, right: TranslationGroup) -> Bool {
        left.key.utf8.elementsEqual(right.key.utf8) && left.locale.utf8.elementsEqual(right.locale.utf8)
    }

    /// Equal groups hash alike.
    package func hash(into hasher: inout Hasher) {
        for byte in key.utf8 { hasher.combine(byte) }
        hasher.combine(UInt8(0))
        for byte in locale.utf8 { hasher.combine(byte) }
    }
}
