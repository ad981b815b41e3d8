package import Lifecycle
import Pacing

/// What one copy does to keep to a rate that it shares with others through Redis, and without Redis when that is away.
///
/// With Redis it asks there, and is granted what is due. When Redis cannot be reached it first grants nothing for as
/// long as Redis may still count it among the copies (5 s), and then paces itself at its own share. From time to time it
/// looks whether Redis is back, by a question that does not count; only then it asks again. So at any time each share is
/// either in Redis' sum or with its copy, and the copies together never exceed the rate.
///
/// A value without clock and network: the caller does what ``next(limit:at:)`` says and tells what came of it.
package struct SharedSchedule: Sendable {
    /// What is to be done next.
    package enum Step: Sendable, Equatable {
        /// Ask Redis for up to `limit` events, which may be 0 to be counted; then ``answered(granted:wait:at:)`` or
        /// ``failed(mayHaveRun:at:)``.
        case ask(limit: Int)
        /// See whether Redis answers at all; then ``probed(isUp:at:)``.
        case probe
        /// This many events may go, at least one.
        case grant(Int)
        /// Nothing may go and nothing is to be done for so many nanoseconds.
        case wait(Int64)
    }

    private enum Mode: Equatable {
        /// Redis grants.
        case shared
        /// Nobody grants until the instant at which Redis has forgotten this copy.
        case silent(until: MonotonicInstant, mayAsk: Bool)
        /// This copy grants its own share.
        case alone
    }

    /// How long Redis may count a copy that it does not hear of, in nanoseconds.
    static let silence: Int64 = SharedRate.silence * 1_000
    /// Between two questions at least: at high rates what is due is fetched in lots.
    static let pause: Int64 = 10_000_000
    /// Between two attempts to reach Redis.
    static let retry: Int64 = 500_000_000
    /// Without work too the copy is to be heard of so often.
    static let heartbeat: Int64 = silence / 4

    private var mode = Mode.shared
    private var own: AbsoluteSchedule
    private var nextAttempt: MonotonicInstant
    private var nextAsk: MonotonicInstant
    /// When Redis may last have heard of this copy.
    private var lastHeard: MonotonicInstant
    /// Events a second of all copies together.
    package private(set) var rate: Double
    /// This copy's part of the work, 0 to 1.
    package private(set) var share: Double

    /// A copy that owns `owned` of `total` parts of the work, for a rate of all copies together.
    package init(rate: Double, owned: Int, of total: Int, start: MonotonicInstant) {
        self.rate = max(0, rate)
        share = total > 0 ? min(1, max(0, Double(owned) / Double(total))) : 0
        own = AbsoluteSchedule(.constant(max(0, rate)), start: start, catchUp: 0.25, share: share)
        (nextAttempt, nextAsk, lastHeard) = (start, start, start)
    }

    /// Whether Redis grants; if not, it is away and this copy keeps to its own share.
    package var isShared: Bool { mode == .shared }

    /// The share is another from now on, after a rebalance.
    package mutating func setShare(owned: Int, of total: Int, at now: MonotonicInstant) {
        share = total > 0 ? min(1, max(0, Double(owned) / Double(total))) : 0
        own.setShare(owned: owned, of: total, at: now)
    }

    /// The rate of all copies together is another from now on.
    package mutating func setRate(_ rate: Double, at now: MonotonicInstant) {
        self.rate = max(0, rate)
        own.setProfile(.constant(self.rate), at: now)
    }

    /// What is to be done now, with up to `limit` events ready to go.
    package mutating func next(limit: Int, at now: MonotonicInstant) -> Step {
        switch mode {
        case .shared:
            let isSilent = now.nanoseconds(since: lastHeard) >= Self.heartbeat
            if now >= nextAsk, limit > 0 || isSilent { return .ask(limit: max(0, limit)) }
            let due = limit > 0 ? nextAsk : max(nextAsk, lastHeard.advanced(by: Self.heartbeat))
            return .wait(max(1, due.nanoseconds(since: now)))
        case .silent(let until, let mayAsk):
            if now >= until {
                beAlone(at: now)
                return next(limit: limit, at: now)
            }
            if mayAsk, now >= nextAttempt { return .ask(limit: max(0, limit)) }
            let wake = mayAsk ? min(until, nextAttempt) : until
            return .wait(max(1, wake.nanoseconds(since: now)))
        case .alone:
            if now >= nextAttempt { return .probe }
            let granted = own.grant(upTo: limit, at: now)
            if granted > 0 { return .grant(granted) }
            let probe = nextAttempt.nanoseconds(since: now)
            return .wait(max(1, min(probe, own.nextDue(at: now) ?? probe)))
        }
    }

    /// Redis has answered; returns the events that may go.
    package mutating func answered(granted: Int, wait microseconds: Int64?, at now: MonotonicInstant) -> Int {
        mode = .shared
        lastHeard = now
        let wait = microseconds.map { max(Self.pause, $0.multipliedReportingOverflow(by: 1_000).partialValue) }
        nextAsk = now.advanced(by: min(wait ?? Self.retry, Self.heartbeat))
        return granted
    }

    /// Redis has not answered. `mayHaveRun` says whether the question may have arrived all the same.
    package mutating func failed(mayHaveRun: Bool, at now: MonotonicInstant) {
        if mayHaveRun { lastHeard = now }
        nextAttempt = now.advanced(by: Self.retry)
        // One that may have arrived must not be repeated: each would be counted anew, and the silence never end.
        mode = .silent(until: lastHeard.advanced(by: Self.silence), mayAsk: !mayHaveRun)
    }

    /// Redis has answered the question that does not count, or has not.
    package mutating func probed(isUp: Bool, at now: MonotonicInstant) {
        nextAttempt = now.advanced(by: Self.retry)
        if isUp {
            mode = .shared
            nextAsk = now
        }
    }

    private mutating func beAlone(at now: MonotonicInstant) {
        mode = .alone
        nextAttempt = now.advanced(by: Self.retry)
        own = AbsoluteSchedule(.constant(rate), start: now, catchUp: 0.25, share: share)
    }
}
