package import Lifecycle

/// Paces events on an absolute schedule: event k is due at start + k/rate, however late the ones before it were.
///
/// So the mean rate does not drift, whatever the granularity of the caller's waits. A stall is made up for by a burst
/// of at most `catchUp` seconds' worth of events (at least one); what was due beyond that is forfeited, not owed.
/// In any window of w seconds no more than rate × (w + catchUp) + 2 events are granted.
///
/// A value without a clock: the caller says what time it is, and never a time before the last one it said.
package struct AbsoluteSchedule: Sendable {
    private var profile: RateProfile
    private var profileStart: MonotonicInstant
    private var share: Double
    private let catchUp: Double

    // Since `segmentStart` (the last change of profile or share), with `segmentEvents` the profile's events until then,
    // credit + share × (profile's events − segmentEvents) events have been due, and `settled` were granted or forfeited.
    private var segmentStart: MonotonicInstant
    private var segmentEvents = 0.0
    private var credit = 1.0
    private var settled: Int64 = 0

    /// Events that were due during stalls beyond the catch-up and were given up.
    package private(set) var forfeited: Int64 = 0

    /// A schedule whose first event is due at `start`.
    ///
    /// - Parameters:
    ///   - catchUp: seconds' worth of events that may follow a stall in one burst; at least 0.
    ///   - share: the part of the profile's rate that is this copy's own, 0 to 1.
    package init(_ profile: RateProfile, start: MonotonicInstant, catchUp: Double = 1, share: Double = 1) {
        self.profile = profile
        profileStart = start
        segmentStart = start
        self.catchUp = max(0, catchUp)
        self.share = min(max(0, share), 1)
    }

    /// Takes up to `limit` events that are due; never more than are due, never less than both allow.
    package mutating func grant(upTo limit: Int, at now: MonotonicInstant) -> Int {
        guard limit > 0, share > 0, now >= segmentStart else { return 0 }
        if case .unlimited = profile { return share > 0 ? limit : 0 }
        settle(at: now)
        let granted = min(Int64(limit), due(at: now) - settled)
        settled += granted
        return Int(granted)
    }

    /// Nanoseconds until an event is due: 0 if one is now, nil if none will ever be at the present rate.
    package func nextDue(at now: MonotonicInstant) -> Int64? {
        guard share > 0 else { return nil }
        if case .unlimited = profile { return max(0, segmentStart.nanoseconds(since: now)) }
        guard let instant = instant(of: settled) else { return nil }
        return max(0, instant.nanoseconds(since: now))
    }

    /// Events a second that are this copy's own now.
    package func rate(at now: MonotonicInstant) -> Double {
        share > 0 ? share * profile.rate(at: now.seconds(since: profileStart)) : 0
    }

    /// Changes the rate from `now` on; a ramp starts now. What was due and not taken stays due, up to the catch-up.
    package mutating func setProfile(_ profile: RateProfile, at now: MonotonicInstant) {
        fold(at: now)
        self.profile = profile
        profileStart = segmentStart
        segmentEvents = 0
    }

    /// Makes the rate `owned`/`total` of the profile's from `now` on: as many copies as like then keep it together.
    /// A copy that owns nothing, or a total of 0, is given nothing.
    package mutating func setShare(owned: Int, of total: Int, at now: MonotonicInstant) {
        fold(at: now)
        share = total > 0 ? min(max(0, Double(owned) / Double(total)), 1) : 0
    }

    // MARK: The segment

    /// Events due in this segment by `now`. Decided by ``instant(of:)``, so that a wait of ``nextDue(at:)`` is enough.
    private func due(at now: MonotonicInstant) -> Int64 {
        let events = profile.events(within: now.seconds(since: profileStart)) - segmentEvents
        var count = Int64(clamping: credit + share * events)
        // Beyond this a Double no longer counts one by one (at the highest rate after 14 years).
        guard count < 1 << 52 else { return count }
        while count > settled, let instant = instant(of: count - 1), instant > now { count -= 1 }
        while let instant = instant(of: count), instant <= now { count += 1 }
        return max(count, settled)
    }

    /// When event number `index` of this segment is due, rounded up to a nanosecond; nil if never.
    private func instant(of index: Int64) -> MonotonicInstant? {
        let missing = Double(index + 1) - credit
        guard missing > 0 else { return segmentStart }
        guard share > 0 else { return nil }
        let seconds = profile.seconds(until: segmentEvents + missing / share)
        guard seconds.isFinite else { return nil }
        return max(segmentStart, profileStart.advanced(by: Int64(clamping: (seconds * 1e9).rounded(.up))))
    }

    /// Forfeits what is due beyond the catch-up.
    private mutating func settle(at now: MonotonicInstant) {
        let allowed = max(1, Int64(clamping: rate(at: now) * catchUp))
        let excess = due(at: now) - settled - allowed
        guard excess > 0 else { return }
        settled += excess
        forfeited += excess
    }

    /// Ends the segment and starts the next one at `now`, keeping what is due and the progress towards the next event.
    private mutating func fold(at now: MonotonicInstant) {
        guard now > segmentStart else { return }
        if case .unlimited = profile {
            credit = 1
        } else {
            settle(at: now)
            let events = profile.events(within: now.seconds(since: profileStart)) - segmentEvents
            let due = due(at: now)
            let progress = min(max(0, credit + share * events - Double(due)), 1)
            credit = Double(due - settled) + progress
            segmentEvents += events
        }
        settled = 0
        segmentStart = now
    }
}

extension Int64 {
    /// The integer part, held at the ends of the range; NaN counts as 0.
    init(clamping value: Double) {
        guard !value.isNaN else {
            self = 0
            return
        }
        self = Int64(exactly: value.rounded(.down)) ?? (value > 0 ? .max : .min)
    }
}
