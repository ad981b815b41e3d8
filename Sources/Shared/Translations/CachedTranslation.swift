package import Redis

/// A group whose cached name may be out of date, and what the cache may keep.
package struct CachedTranslation: Sendable, Equatable {
    package let group: TranslationGroup
    /// `version|value` of the newest version; nil where none is left.
    package let newest: String?

    /// What the cache may keep of a group.
    package init(group: TranslationGroup, newest: String?) {
        self.group = group
        self.newest = newest
    }

    /// The commands that take it out: the `fill:` name goes in any case, the cached name unless it holds the newest.
    ///
    /// - Parameter style: how names are spelled in a cluster. A single server may hold names of both spellings, if it
    ///   was used with another one before, so there both go.
    package func invalidation(inCluster isCluster: Bool, style: RedisKeyStyle) -> [RedisCommand] {
        (isCluster ? [style] : RedisKeyStyle.allCases).flatMap { style in
            CacheInvalidation.commands(
                of: RedisKeys(style).translation(key: group.key, locale: group.locale), unless: newest,
                inCluster: isCluster)
        }
    }
}
