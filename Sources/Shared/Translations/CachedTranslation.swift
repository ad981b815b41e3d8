package import Redis

/// A group whose cached name may be out of date, and what the cache may keep.
package struct CachedTranslation: Sendable, Equatable {
    /// Whose name it is.
    package let group: TranslationGroup
    /// `version|value` of the newest version; nil where none is left.
    package let newest: String?

    /// What the cache may keep of a group.
    package init(group: TranslationGroup, newest: String?) {
        self.group = group
        self.newest = newest
    }

    /// The commands that take translations out: each `fill:` name goes in any case, the cached name unless it holds the
    /// newest.
    ///
    /// - Parameter style: how names are spelled in a cluster. A single server may hold names of both spellings, if it
    ///   was used with another one before, so there both go.
    package static func invalidation(
        of translations: [CachedTranslation], inCluster isCluster: Bool, style: RedisKeyStyle
    ) -> [RedisCommand] {
        if isCluster {
            let keys = RedisKeys(style)
            return translations.flatMap { translation in
                CacheInvalidation.commands(
                    of: translation.name(keys), unless: translation.newest, inCluster: true)
            }
        }
        return CacheInvalidation.commands(
            of: RedisKeyStyle.allCases.map(RedisKeys.init).flatMap { keys in
                translations.map { (name: $0.name(keys), current: $0.newest) }
            })
    }

    /// The commands that take this one out.
    package func invalidation(inCluster isCluster: Bool, style: RedisKeyStyle) -> [RedisCommand] {
        Self.invalidation(of: [self], inCluster: isCluster, style: style)
    }

    private func name(_ keys: RedisKeys) -> String { keys.translation(key: group.key, locale: group.locale) }
}
