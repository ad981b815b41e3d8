import Lifecycle
import Pacing

/// Holds a lane's records to its copy's share of the run's rate.
struct LanePacer {
    /// After a stall (a commit, a rebalance) at most so many seconds' worth of records are made up for.
    static let catchUp = 0.5

    private var rate: RateProfile
    /// Nil without a limit, and until the first record asks: what passes before it is no stall to be made up for.
    private var schedule: AbsoluteSchedule?
    private var share = (owned: 1, total: 1)

    init(_ pace: RedriveSettings.Pace) { rate = pace.profile }

    /// Another rate from now on; a ramp begins now.
    mutating func setRate(_ rate: RateProfile) {
        self.rate = rate
        if rate == .unlimited { schedule = nil } else { schedule?.setProfile(rate, at: .now()) }
    }

    var isUnlimited: Bool { rate == .unlimited }

    /// The copy's rate is the run's times the partitions it owns out of all, so that copies never exceed it together.
    mutating func setShare(owned: Int, of total: Int) {
        share = (owned, total)
        schedule?.setShare(owned: owned, of: total, at: .now())
    }

    /// The run has waited: what was due meanwhile is not made up for. A ramp goes on as if it had not.
    mutating func resume() {
        if case .constant = rate { schedule = nil }
    }

    /// Takes one record's place in the schedule, if one is due.
    mutating func take() -> Bool {
        guard !isUnlimited else { return true }
        if schedule == nil {
            schedule = AbsoluteSchedule(rate, start: .now(), catchUp: Self.catchUp)
            schedule?.setShare(owned: share.owned, of: share.total, at: .now())
        }
        return schedule?.grant(upTo: 1, at: .now()) == 1
    }

    /// Nanoseconds until a record is due; nil where none will be.
    var untilDue: Int64? {
        guard let schedule else { return 0 }
        return schedule.nextDue(at: .now())
    }
}
