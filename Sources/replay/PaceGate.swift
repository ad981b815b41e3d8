import Lifecycle
import Pacing
import Redrive
import ToolKit

/// Holds one thread's work to a rate, lets it wait while a pause lasts, and ends the wait for a stop.
struct PaceGate {
    /// After a stall at most so many seconds' worth of records are made up for.
    private static let catchUp = 0.5
    /// How soon the end of a pause, another rate or a stop is noticed, nanoseconds.
    private static let look: Int64 = 100_000_000
    private var schedule: AbsoluteSchedule
    private var rate: RateProfile
    private var wasPaused = false
    private let controls: RunControls
    private let stop: StopFlag

    init(_ rate: RateProfile, controls: RunControls, stop: StopFlag) {
        self.rate = rate
        self.controls = controls
        self.stop = stop
        schedule = AbsoluteSchedule(rate, start: .now(), catchUp: Self.catchUp)
    }

    /// Whether the work is to end.
    var isEnded: Bool { stop.isSet || controls.isStopped }

    /// Waits until the next record is due.
    ///
    /// - Returns: false where the work is to end.
    mutating func wait() -> Bool {
        while !isEnded {
            if isOpen() { return true }
            Pause.nanoseconds(untilDue())
        }
        return false
    }

    /// Whether a record is due now, and nothing stands against it; for work that must not wait where it is.
    mutating func isOpen() -> Bool {
        guard controls.pauses.isEmpty else {
            wasPaused = true
            return false
        }
        if let wanted = controls.rate, wanted != rate {
            rate = wanted
            schedule.setProfile(wanted, at: .now())
        }
        // What was due in a pause is not made up for. A ramp goes on as if there had been none.
        if wasPaused, case .constant = rate {
            schedule = AbsoluteSchedule(rate, start: .now(), catchUp: Self.catchUp)
        }
        wasPaused = false
        return schedule.grant(upTo: 1, at: .now()) == 1
    }

    /// Nanoseconds after which `isOpen` should be asked again.
    func untilDue() -> Int64 {
        guard controls.pauses.isEmpty else { return Self.look }
        return min(schedule.nextDue(at: .now()) ?? Self.look, Self.look)
    }
}
