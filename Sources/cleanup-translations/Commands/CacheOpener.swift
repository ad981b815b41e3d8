import CommandLine
import Lifecycle
import Postgres
import PostgresKit
import ToolKit

/// Makes what tells the caches ready, waiting for what is away unless `--require-cache` says otherwise.
struct CacheOpener: Sendable {
    let options: CleanupOptions
    let stop: StopFlag
    let deadline: MonotonicInstant?
    let say: Reporter

    /// Starts the finisher; nil with `--no-cache`.
    func open() async throws -> CacheFinisher? {
        guard !options.caches.isOff, let postgres = options.postgres.configuration else { return nil }
        let parts = try await connected()
        let say = say
        return CacheFinisher(
            .init(
                postgres: postgres, caches: { ConnectedCaches(parts) }, requiresCache: options.caches.isRequired,
                stop: stop,
                deadline: deadline, patience: options.wait, say: { say.info($0) }))
    }

    private func connected() async throws -> ConnectedCaches.Parts {
        var backoff = Backoff()
        while true {
            do {
                return try await ConnectedCaches.Parts.open(options, stop)
            } catch {
                let refusal = Refusal(postgres: error)
                let isLate = deadline.map { MonotonicInstant.now() >= $0 } ?? false
                guard refusal.code == .unreachable, !options.caches.isRequired, !stop.isSet, !isLate else {
                    throw refusal
                }
                if backoff.failures == 0 { say.info("waiting: \(refusal)") }
                Pause.milliseconds(Int(backoff.failed() / 1_000_000))
            }
        }
    }
}
