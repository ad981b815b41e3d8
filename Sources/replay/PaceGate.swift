import Lifecycle
import Pacing
import Redrive
import Synchronization
import ToolKit

/// Holds one thread's work to a rate, lets it wait while a pause lasts, and ends the wait for a stop.
struct PaceGate {
    /// After a stall at most so many seconds' worth of records are made up for.
    private static let catchUp = 0.5
    private var schedule: AbsoluteSchedule
    private var rate: RateProfile
    private let controls: RunControls
    private let pause: PausePoint

    init(_ rate: RateProfile, controls: RunControls, pause: PausePoint) {
        self.rate = rate
        self.controls = controls
        self.pause = pause
        schedule = AbsoluteSchedule(rate, start: .now(), catchUp: Self.catchUp)
    }

    /// Waits until the next record is due.
    ///
    /// - Returns: false where the work is to end.
    mutating func wait() -> Bool {
        while true {
            if pause.isStopped || controls.isStopped { return false }
            if let wanted = controls.rate, wanted != rate {
                rate = wanted
                schedule.setProfile(wanted, at: .now())
            }
            if !controls.pauses.isEmpty {
                pause.wait(milliseconds: 100)
                continue
            }
            if schedule.grant(upTo: 1, at: .now()) == 1 { return true }
            pause.wait(nanoseconds: min(schedule.nextDue(at: .now()) ?? 100_000_000, 100_000_000))
        }
    }

    /// Whether a record is due now, and nothing stands against it; for work that must not wait where it is.
    mutating func isOpen() -> Bool {
        guard controls.pauses.isEmpty else { return false }
        if let wanted = controls.rate, wanted != rate {
            rate = wanted
            schedule.setProfile(wanted, at: .now())
        }
        return schedule.grant(upTo: 1, at: .now()) == 1
    }

    /// Nanoseconds until a record is due.
    func untilDue() -> Int64 { schedule.nextDue(at: .now()) ?? .max }
}

/// A thread that waits and can be asked to end.
struct PausePoint: Sendable {
    private let stop: StopFlag

    init(_ stop: StopFlag) { self.stop = stop }

    var isStopped: Bool { stop.isSet }

    func wait(milliseconds: Int) { Pause.milliseconds(milliseconds) }

    func wait(nanoseconds: Int64) { Pause.nanoseconds(nanoseconds) }
}

/// A tally that one thread sets and others read.
final class TallyBox: Sendable {
    private let value = Mutex(RunTally())

    var tally: RunTally { value.withLock { $0 } }

    func set(_ tally: RunTally) { value.withLock { $0 = tally } }
}
