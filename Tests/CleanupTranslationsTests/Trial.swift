import CommandLine
import Configuration
import Glibc
import Lifecycle
import Observability
import Postgres
import Synchronization
import ToolKit
import Translations

@testable import cleanup_translations

/// Caches that note what they were told.
final class NotedCaches: TranslationCaches, Sendable {
    struct Notes {
        var unlinked: [CachedTranslation] = []
        var published: [TranslationGroup] = []
        /// How many of the next calls fail as if Redis were away.
        var failures = 0
    }

    let notes = Mutex(Notes())

    func unlink(_ translations: [CachedTranslation]) throws {
        try notes.withLock { notes in
            if notes.failures > 0 {
                notes.failures -= 1
                throw CacheError(.unreachable, "away", isRetriable: true)
            }
            notes.unlinked += translations
        }
    }

    func publish(_ groups: [TranslationGroup]) throws { notes.withLock { $0.published += groups } }
}

/// One run of the prune on a stage.
struct Trial {
    var rules = PruneRules(keepVersions: 3)
    var selection = Selection()
    var limit: Int?
    var deadline: MonotonicInstant?
    var limits = LoadGuard.Limits()
    var archive: String?
    var stop = StopFlag()
    var batchTime = Duration.milliseconds(15)
    var progress: (PruneTally) -> Void = { _ in }

    static let reporter = {
        let null = open("/dev/null", O_RDWR)
        let console = Console(
            input: null, output: null, errors: null, environment: Environment([:]), now: { .zero })
        return Reporter(console: console, level: .error, format: .text)
    }()

    /// Runs it and returns the run.
    @discardableResult
    func run(_ database: PruneDatabase, caches: CacheFinisher? = nil) throws -> PruneRun {
        var file: TranslationArchive?
        if let archive { file = try TranslationArchive.open(archive) }
        let run = PruneRun(
            .init(
                selection: selection, rules: rules, limit: limit, batchTime: batchTime, sleepRatio: 0,
                deadline: deadline, limits: limits, stop: stop),
            database: database, caches: caches, archive: file, say: Self.reporter, progress: progress)
        try run.run()
        return run
    }

    /// A finisher that tells `caches`.
    func finisher(_ stage: Stage, _ caches: NotedCaches, requiresCache: Bool = false) throws -> CacheFinisher {
        CacheFinisher(
            .init(
                postgres: try stage.configuration, caches: { caches }, requiresCache: requiresCache, stop: stop,
                deadline: nil, patience: .seconds(20), say: { _ in }))
    }
}
