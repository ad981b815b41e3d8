import CommandLine
import Dispatch
import Kafka
import Lifecycle
import Postgres
import PostgresKit
import Synchronization
import ToolKit

/// Finishes intents on a thread of its own, while others are deleted: reads the newest versions, unlinks the cached
/// names, publishes `cache.invalidate`, and only then clears the intents. Whatever goes wrong in between, they stay in
/// the database and are finished by the next run, or by the server.
final class CacheFinisher: Sendable {
    /// Groups told at a time.
    private static let groups = 2_000
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
        case finish([IntentWork])
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
    func submit(_ works: [IntentWork]) { add(works.isEmpty ? nil : .finish(works)) }

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
                case .finish(let works): try finish(works, store, caches)
                case .sweep(let last): try sweep(upTo: last, store, caches)
                case .end: break
                }
            } catch {
                state.withLock { $0.failure = error }
            }
        }
        state.withLock { $0.isOver = true }
        over.signal()
    }

    private func sweep(upTo last: Int64, _ store: IntentStore, _ caches: any TranslationCaches) throws {
        var above: Int64 = 0
        while above < last {
            let from = above
            guard let (works, end) = try persistently({ try store.intents(above: from, upTo: last, limit: 5_000) })
            else { return }
            try finish(works, store, caches)
            above = end
        }
    }

    private func finish(
        _ works: [IntentWork], _ store: IntentStore, _ caches: any TranslationCaches
    ) throws {
        var rest = works[...]
        while !rest.isEmpty {
            let lot = Array(rest.prefix(Self.groups))
            rest = rest.dropFirst(Self.groups)
            let groups = lot.map(\.group)
            try persistently { try caches.unlink(try store.newest(groups)) }
            try persistently { try caches.publish(groups) }
            try persistently { try store.clear(lot) }
            state.withLock { $0.finished += lot.count }
        }
    }

    /// Tries until it succeeds, fails for good or may not be waited for. All of it may be done twice without harm.
    private func persistently<Value>(_ body: () throws -> Value) throws -> Value {
        var backoff = Backoff(firstMilliseconds: 50, longestMilliseconds: 2_000)
        let patience = MonotonicInstant.now().advanced(by: settings.patience)
        while true {
            do {
                return try body()
            } catch {
                guard Self.isAway(error), mayWait(for: error, patience) else { throw error }
                if backoff.failures == 0 { settings.say("waiting: \(error)") }
                state.withLock { $0.waits += 1 }
                Pause.milliseconds(Int(backoff.failed() / 1_000_000))
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
