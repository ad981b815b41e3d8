import CommandLine
import Dispatch
import Kafka
import Lifecycle
import Postgres
import PostgresKit
import Synchronization
import ToolKit
import Translations

/// Finishes intents on a thread of its own, while others are deleted: reads the newest versions, unlinks the cached
/// names, publishes `cache.invalidate`, and only then clears the intents. Whatever goes wrong in between, they stay in
/// the database and are finished by the next run, or by the server.
final class CacheFinisher: Sendable {
    /// Lots that wait at most; then whoever deletes waits.
    private static let lots = 4

    struct Settings: Sendable {
        let postgres: PostgresConfiguration
        /// Makes the caches, on the finisher's thread.
        let caches: @Sendable () -> any TranslationCaches
        /// Whether a cache that is away ends the run; else it is waited for.
        let requiresCache: Bool
        let stop: StopFlag
        /// When nothing is waited for any more; nil never.
        let deadline: MonotonicInstant?
        /// How long a database that is away is waited for.
        let patience: Duration
        /// Told what is waited for.
        let say: @Sendable (String) -> Void
    }

    private enum Job: Sendable {
        case finish([TranslationIntent])
        /// Everything up to this id that the database has, whoever left it.
        case sweep(Int64)
        case end
    }

    private struct State {
        var jobs: [Job] = []
        var failure: (any Error)?
        var finished = 0
        var waits = 0
        var isOver = false
        var isAbandoned = false
    }

    private let settings: Settings
    private let state = Mutex(State())
    private let room = DispatchSemaphore(value: lots)
    private let work = DispatchSemaphore(value: 0)
    private let over = DispatchSemaphore(value: 0)

    /// Starts the thread; ``end()`` ends it.
    init(_ settings: Settings) {
        self.settings = settings
        NamedThread.start("caches") { self.run() }
    }

    /// Groups whose caches were told so far.
    var finished: Int { state.withLock { $0.finished } }
    /// How often a cache, Kafka or the database was waited for.
    var waits: Int { state.withLock { $0.waits } }
    /// Why it gave up; the run should end.
    var failure: (any Error)? { state.withLock { $0.failure } }

    /// Hands over intents whose deletions are safe. Waits while too many wait already.
    func submit(_ intents: [TranslationIntent]) { add(intents.isEmpty ? nil : .finish(intents)) }

    /// Has every intent up to this id finished that the database has when its turn comes: what was submitted before is
    /// not among them any more, and what is deleted meanwhile is above.
    func sweep(upTo last: Int64) { add(.sweep(last)) }

    /// Waits until all that was handed over is finished, or given up.
    /// - Throws: why it was given up.
    func end() throws {
        add(.end)
        if !state.withLock({ $0.isOver }) {
            over.wait()
            over.signal()
        }
        if let failure { throw failure }
    }

    /// Nothing is waited for any more: the run has failed. What is in hand is still tried once.
    func abandon() { state.withLock { $0.isAbandoned = true } }

    private func add(_ job: Job?) {
        guard let job else { return }
        room.wait()
        state.withLock { $0.jobs.append(job) }
        work.signal()
    }

    // MARK: - The thread

    private func run() {
        let store = IntentStore(settings.postgres)
        let caches = settings.caches()
        while true {
            work.wait()
            let job = state.withLock { $0.jobs.removeFirst() }
            room.signal()
            if case .end = job { break }
            // After a failure lots are only taken, so that nobody waits for room.
            if failure != nil { continue }
            do {
                switch job {
                case .finish(let intents): try drive(IntentSweep(intents), store, caches)
                case .sweep(let last): try drive(IntentSweep(upTo: last), store, caches)
                case .end: break
                }
            } catch {
                state.withLock { $0.failure = error }
            }
        }
        state.withLock { $0.isOver = true }
        over.signal()
    }

    /// Does what a sweep says, each step until it succeeds, fails for good or may not be waited for.
    private func drive(_ start: IntentSweep, _ store: IntentStore, _ caches: any TranslationCaches) throws {
        var sweep = start
        var backoff = Backoff(firstMilliseconds: 50, longestMilliseconds: 2_000)
        var since = MonotonicInstant.now()
        while true {
            let told = sweep.finished
            do {
                switch sweep.step {
                case .query(let query): sweep.accept(try store.query(query))
                case .unlink(let translations):
                    try caches.unlink(translations)
                    sweep.advance()
                case .publish(let groups):
                    try caches.publish(groups)
                    sweep.advance()
                case .done: return
                }
                backoff.succeeded()
                since = .now()
                state.withLock { $0.finished += sweep.finished - told }
            } catch {
                guard Self.isAway(error), mayWait(for: error, since.advanced(by: settings.patience)) else {
                    throw error
                }
                if backoff.failures == 0 { settings.say("waiting: \(error)") }
                state.withLock { $0.waits += 1 }
                Pause.milliseconds(Int(backoff.failed() / 1_000_000))
                sweep.failed()
            }
        }
    }

    private func mayWait(for error: any Error, _ patience: MonotonicInstant) -> Bool {
        let now = MonotonicInstant.now()
        if settings.stop.isSet || state.withLock({ $0.isAbandoned }) { return false }
        if let deadline = settings.deadline, now >= deadline { return false }
        return error is PostgresError ? now < patience : !settings.requiresCache
    }

    private static func isAway(_ error: any Error) -> Bool {
        switch error {
        case let error as PostgresError: error.isRetriable
        case let error as CacheError: error.isRetriable
        case let error as KafkaError: error.isRetriable || error.kind == .unreachable || error.kind == .timedOut
        default: false
        }
    }
}
