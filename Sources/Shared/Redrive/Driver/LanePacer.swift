import Lifecycle
import Pacing

/// Holds a lane's records to its copy's share of the run's rate.
struct LanePacer {
    /// After a stall (a commit, a rebalance) at most so many seconds' worth of records are made up for.
    static let catchUp = 0.5

    private var schedule: AbsoluteSchedule?
    private var share: (owned: Int, total: Int)?

    init(_ pace: RedriveSettings.Pace) { setRate(pace.profile) }

    /// Another rate from now on; a ramp begins now.
    mutating func setRate(_ rate: RateProfile) {
        guard rate != .unlimited else {
            schedule = nil
            return
        }
        if schedule != nil {
            schedule?.setProfile(rate, at: .now())
        } else {
            schedule = AbsoluteSchedule(rate, start: .now(), catchUp: Self.catchUp)
            if let share { schedule?.setShare(owned: share.owned, of: share.total, at: .now()) }
        }
    }

    var isUnlimited: Bool { schedule == nil }

    /// The copy's rate is the run's times the partitions it owns out of all, so that copies never exceed it together.
    mutating func setShare(owned: Int, of total: Int) {
        share = (owned, total)
        schedule?.setShare(owned: owned, of: total, at: .now())
    }

    /// Takes one record's place in the schedule, if one is due.
    mutating func take() -> Bool {
        guard schedule != nil else { return true }
        return schedule?.grant(upTo: 1, at: .now()) == 1
    }

    /// Nanoseconds until a record is due; nil where none will be.
    var untilDue: Int64? {
        guard let schedule else { return 0 }
        return schedule.nextDue(at: .now())
    }
}
