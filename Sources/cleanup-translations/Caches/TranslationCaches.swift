import CommandLine
import Translations

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
    func publish(_ groups: [TranslationGroup]) throws
}
