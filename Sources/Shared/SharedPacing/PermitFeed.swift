import Dispatch
import Lifecycle
package import Pacing
package import Redis
import Synchronization

/// Permits of a rate that all copies of a run share by demand, fetched ahead by a thread of its own: who takes one never
/// waits for Redis. Any thread.
///
/// Permits are asked for while somebody has said that he wants some, and given up when they have not been taken for
/// `lifetime`, so that a stall is not made up for by a burst.
package final class PermitFeed: Sendable {
    /// After so long, in nanoseconds, a permit that nobody has taken is given up.
    static let lifetime: Int64 = 250_000_000
    /// At most so many seconds' worth of permits are asked for at a time.
    static let ahead = 0.05

    private struct State: Sendable {
        var profile: RateProfile
        /// When the profile began.
        var since: MonotonicInstant
        var share = (owned: 0, total: 1)
        var isShareNew = false
        var wanted = 0
        var available = 0
        var arrived: MonotonicInstant
        var isPaused = false
        var isEnding = false
        var arrival: (@Sendable () -> Void)?
    }

    private let state: Mutex<State>
    private let signal = Semaphore()
    private let ended = DispatchSemaphore(value: 0)

    /// Starts the thread. Redis need not be there: what is missing is said, and the copy then keeps to its share.
    ///
    /// - Parameters:
    ///   - rate: events a second of all copies together; every copy of a run names the same.
    ///   - say: told in a sentence when Redis goes away and when it is back.
    /// - Throws: `RedisError` of kind `configuration`, `CryptoError`.
    package init(
        _ configuration: RedisConfiguration, run: String, rate: RateProfile,
        say: @escaping @Sendable (String) -> Void
    ) throws {
        let now = MonotonicInstant.now()
        state = Mutex(State(profile: rate, since: now, arrived: now))
        let started = DispatchSemaphore(value: 0)
        let failure = Mutex<(any Error)?>(nil)
        let first = rate.rate(at: 0)
        NamedThread.start("shared-rate") { [self] in
            let pacer: SharedPacer
            do {
                // It owns nothing before the group has said what.
                pacer = try SharedPacer(
                    configuration, run: run, rate: first.isFinite ? first : 0, owned: 0, of: 1,
                    isStopped: { [weak self] in self?.state.withLock(\.isEnding) ?? true })
            } catch {
                failure.withLock { $0 = error }
                started.signal()
                return
            }
            started.signal()
            work(pacer, say)
            pacer.leave()
            ended.signal()
        }
        started.wait()
        if let error = failure.withLock({ $0 }) { throw error }
    }

    /// Takes one permit, if one is there; where none is, as many are asked for as are wanted.
    package func take(wanted: Int) -> Bool {
        let (isTaken, isNew) = state.withLock { state -> (Bool, Bool) in
            if state.available > 0, MonotonicInstant.now().nanoseconds(since: state.arrived) > Self.lifetime {
                state.available = 0
            }
            if state.available > 0 {
                state.available -= 1
                return (true, false)
            }
            let isNew = state.wanted == 0
            state.wanted = max(1, wanted)
            return (false, isNew)
        }
        if isNew { signal.post() }
        return isTaken
    }

    /// Has `body` called whenever permits arrive that were asked for. Once, before the first `take`.
    package func onArrival(_ body: @escaping @Sendable () -> Void) { state.withLock { $0.arrival = body } }

    /// Another rate of all copies together; a ramp begins now.
    package func setRate(_ rate: RateProfile) {
        state.withLock { state in
            state.profile = rate
            state.since = .now()
        }
        signal.post()
    }

    /// The copy's part of the work, which is its part of the rate while Redis is away.
    package func setShare(owned: Int, of total: Int) {
        state.withLock { state in
            state.share = (owned, total)
            state.isShareNew = true
        }
        signal.post()
    }

    /// Nothing is wanted while that lasts, and what was fetched is given up.
    package func setPaused(_ isPaused: Bool) {
        state.withLock { state in
            state.isPaused = isPaused
            state.available = 0
            state.wanted = 0
        }
    }

    /// Ends the thread, after it has told the others that this copy is gone. Blocking, for two seconds at most.
    package func stop() {
        state.withLock { $0.isEnding = true }
        signal.post()
        _ = ended.wait(timeout: .now() + .seconds(2))
    }

    private func work(_ pacer: SharedPacer, _ say: (String) -> Void) {
        var wasShared = true
        while true {
            let (wanted, isEnding) = settle(pacer)
            if isEnding { return }
            let granted = pacer.grant(upTo: wanted)
            if pacer.isShared != wasShared {
                wasShared = pacer.isShared
                say(
                    wasShared
                        ? "Redis is back: the copies share the rate by demand again"
                        : "Redis cannot be asked (\(pacer.lastError.map { "\($0)" } ?? "no answer")): this copy keeps to the "
                            + "share of the rate that its partitions give it until Redis is back")
            }
            if granted > 0 {
                deliver(granted)
            } else {
                _ = signal.wait(until: .now().advanced(by: min(pacer.pause(limit: wanted), Self.lifetime)))
            }
        }
    }

    /// Passes on what has changed, and says how many permits are to be asked for.
    private func settle(_ pacer: SharedPacer) -> (wanted: Int, isEnding: Bool) {
        let now = state.withLock { $0 }
        if now.isShareNew {
            pacer.setShare(owned: now.share.owned, of: now.share.total)
            state.withLock { $0.isShareNew = false }
        }
        let rate = now.profile.rate(at: MonotonicInstant.now().seconds(since: now.since))
        // Without a limit nobody asks here.
        let wantsNone = !rate.isFinite || now.isPaused
        if rate.isFinite, rate != pacer.rate { pacer.setRate(rate) }
        let most = max(1, Int(exactly: (rate * Self.ahead).rounded(.down)) ?? 1)
        return (wantsNone ? 0 : min(now.wanted, most), now.isEnding)
    }

    private func deliver(_ granted: Int) {
        let arrival = state.withLock { state in
            state.available += granted
            state.arrived = .now()
            state.wanted = 0
            return state.arrival
        }
        arrival?()
    }
}
