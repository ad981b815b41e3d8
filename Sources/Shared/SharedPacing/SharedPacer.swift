import Crypto
package import Lifecycle
package import Redis

/// One copy's end of a rate that all copies of a run share by demand: the driver of a ``SharedSchedule``.
///
/// Not Sendable: it lives on one blocking executor. Its calls wait for Redis, about a second at most.
package final class SharedPacer {
    private let run: String
    private let copy: String
    private let session: RedisSession
    private let clock: MonotonicClock
    private var schedule: SharedSchedule
    /// The last reason why Redis could not be asked; nil while it grants.
    package private(set) var lastError: RedisError?
    /// Events a second of all copies together.
    package var rate: Double { schedule.rate }

    /// A copy of `run` that owns `owned` of `total` parts of the work. Redis need not be there.
    ///
    /// - Parameter rate: events a second of all copies together; every copy of a run names the same.
    /// - Throws: `RedisError` of kind `configuration`, `CryptoError` where there is no entropy for the copy's id.
    package init(
        _ configuration: RedisConfiguration, run: String, rate: Double, owned: Int, of total: Int,
        clock: MonotonicClock = .system, isStopped: @escaping @Sendable () -> Bool = { false }
    ) throws {
        self.run = run
        self.clock = clock
        copy = try RandomBytes.hexadecimalID(byteCount: 8)
        var configuration = configuration
        configuration.connectTimeout = min(configuration.connectTimeout, .milliseconds(500))
        configuration.answerTimeout = min(configuration.answerTimeout, .milliseconds(500))
        configuration.patience = min(configuration.patience, .milliseconds(500))
        session = try RedisSession(unconnected: configuration, isStopped: isStopped)
        schedule = SharedSchedule(rate: rate, owned: owned, of: total, start: clock.now())
    }

    /// Whether Redis grants; if not, it is away, and this copy keeps to its own share.
    package var isShared: Bool { schedule.isShared }

    /// Up to `limit` events that may go now; 0 if none may. Call it with 0 while there is nothing to do, too.
    package func grant(upTo limit: Int) -> Int {
        switch schedule.next(limit: limit, at: clock.now()) {
        case .grant(let count): return count
        case .wait: return 0
        case .probe:
            let isUp = (try? session.run(RedisCommand("PING"))) != nil
            schedule.probed(isUp: isUp, at: clock.now())
            return 0
        case .ask(let limit): return ask(limit)
        }
    }

    /// Nanoseconds until ``grant(upTo:)`` is to be called again, with or without work.
    package func pause(limit: Int) -> Int64 {
        var copy = schedule
        guard case .wait(let nanoseconds) = copy.next(limit: limit, at: clock.now()) else { return 0 }
        return nanoseconds
    }

    /// The share is another, after a rebalance.
    package func setShare(owned: Int, of total: Int) { schedule.setShare(owned: owned, of: total, at: clock.now()) }

    /// The rate of all copies together is another.
    package func setRate(_ rate: Double) { schedule.setRate(rate, at: clock.now()) }

    /// The copy has ended: the others need not wait until it is forgotten.
    package func leave() {
        if schedule.isShared { _ = try? session.run(SharedRate.leave(run: run, copy: copy)) }
        session.close()
    }

    private func ask(_ limit: Int) -> Int {
        let command = SharedRate.ask(
            run: run, copy: copy, share: schedule.share, rate: schedule.rate, limit: limit)
        do throws(RedisError) {
            guard let answer = SharedRate.Answer(try session.run(command)) else {
                throw RedisError(
                    .unexpectedReply, "the shared rate's script answered something else", outcome: .refused)
            }
            lastError = nil
            return schedule.answered(granted: answer.granted, wait: answer.wait, at: clock.now())
        } catch {
            lastError = error
            // A script that failed may have counted this copy before it did.
            schedule.failed(mayHaveRun: error.outcome != .notRun, at: clock.now())
            return 0
        }
    }
}
