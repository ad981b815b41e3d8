import CommandLine

/// A key and locale whose cached name is out of date, and what the cache may keep: `version|value` of the newest version.
struct CachedTranslation: Sendable, Equatable {
    let group: GroupKey
    /// Nil where no version is left.
    let newest: String?

    /// The name of contracts, section 4, in its plain spelling: also the key of `cache.invalidate`.
    var name: String { Self.name(group) }

    static func name(_ group: GroupKey) -> String { "translations:\(group.key):\(group.locale)" }
}

/// Why caches could not be told.
struct CacheError: Error, CustomStringConvertible {
    let code: ExitCode
    let description: String
    /// Whether the same may succeed later.
    let isRetriable: Bool

    init(_ code: ExitCode, _ description: String, isRetriable: Bool) {
        self.code = code
        self.description = description
        self.isRetriable = isRetriable
    }
}

/// The caches that a run tells. Calls block; made and used on one thread.
protocol TranslationCaches {
    /// Takes out the `fill:` name of every translation, and the cached name unless it holds the newest.
    /// - Throws: `CacheError`.
    func unlink(_ translations: [CachedTranslation]) throws
    /// Publishes `cache.invalidate` for every group and waits until all are acknowledged.
    /// - Throws: `CacheError`.
    func publish(_ groups: [GroupKey]) throws
}
