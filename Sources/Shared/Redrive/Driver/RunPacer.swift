import Lifecycle
import Pacing
import Synchronization

/// Holds a copy's records to its share of the run's rate, whichever of its lanes sends them. Any thread.
///
/// Lanes take turns: one sends on the copy's schedule while another commits, so that no record waits for a commit. A lane
/// takes the turn when it has a record and nobody has it, and passes it on when it commits or runs out of records.
final class RunPacer: Sendable {
    /// After a stall (a rebalance, an outage) at most so many seconds' worth of records are made up for.
    static let catchUp = 0.5

    private struct State: Sendable {
        var rate: RateProfile
        /// Nil until the first record asks: what passes before it is no stall to be made up for.
        var schedule: AbsoluteSchedule?
        var share = (owned: 1, total: 1)
        /// The lane whose records are sent now.
        var turn: Int?
        /// Lanes that have records and wait for the turn, the longest first.
        var waiting: [Int] = []
        var wakers: [Int: @Sendable () -> Void] = [:]
    }

    private let state: Mutex<State>
    /// As the state's rate says: asked for every record, by all lanes at once, which a lock would hold up.
    private let unlimited: Atomic<Bool>
    private let permits: (any PermitSource)?

    /// - Parameter permits: where the copies share the rate by demand; nil is by the partitions that each of them owns.
    init(_ pace: RedriveSettings.Pace, permits: (any PermitSource)? = nil) {
        state = Mutex(State(rate: pace.profile))
        unlimited = Atomic(pace.profile == .unlimited)
        self.permits = permits
        permits?.onArrival { [weak self] in self?.wakeSender() }
    }

    /// - Parameter wake: ends the lane's wait, because it is its turn.
    func enter(_ lane: Int, wake: @escaping @Sendable () -> Void) { state.withLock { $0.wakers[lane] = wake } }

    var isUnlimited: Bool { unlimited.load(ordering: .relaxed) }

    /// Whether records may leave the prefetch queue faster than librdkafka looks for more by itself.
    var isFast: Bool { state.withLock { RedriveSettings.Pace.profile($0.rate).isModerate == false } }

    /// Another rate from now on; a ramp begins now.
    func setRate(_ rate: RateProfile) {
        permits?.setRate(rate)
        state.withLock { state in
            state.rate = rate
            unlimited.store(rate == .unlimited, ordering: .relaxed)
            if rate == .unlimited { state.schedule = nil } else { state.schedule?.setProfile(rate, at: .now()) }
        }
    }

    /// The copy's rate is the run's times the partitions it owns out of all, so that copies never exceed it together.
    func setShare(owned: Int, of total: Int) {
        permits?.setShare(owned: owned, of: total)
        state.withLock { state in
            state.share = (owned, total)
            state.schedule?.setShare(owned: owned, of: total, at: .now())
        }
    }

    /// The run waits, or goes on: what was due meanwhile is not made up for. A ramp goes on as if it had not waited.
    func setPaused(_ isPaused: Bool) {
        permits?.setPaused(isPaused)
        guard !isPaused else { return }
        state.withLock { if case .constant = $0.rate { $0.schedule = nil } }
    }

    /// Takes one record's place in the schedule, if it is this lane's turn and a record is due.
    ///
    /// - Parameter wanted: records that the lane has at hand.
    func take(_ lane: Int, wanted: Int = 1) -> Bool {
        if isUnlimited { return true }
        let isPermitted = state.withLock { state -> Bool? in
            if state.rate == .unlimited { return true }
            guard state.turn == nil || state.turn == lane else {
                if !state.waiting.contains(lane) { state.waiting.append(lane) }
                return false
            }
            state.turn = lane
            guard permits == nil else { return nil }
            var schedule = state.schedule ?? Self.schedule(state)
            defer { state.schedule = schedule }
            return schedule.grant(upTo: 1, at: .now()) == 1
        }
        return isPermitted ?? permits?.take(wanted: wanted) ?? true
    }

    private static func schedule(_ state: State) -> AbsoluteSchedule {
        var schedule = AbsoluteSchedule(state.rate, start: .now(), catchUp: catchUp)
        schedule.setShare(owned: state.share.owned, of: state.share.total, at: .now())
        return schedule
    }

    /// Nanoseconds until the lane's next record is due; nil where that is not known: it is not its turn, or none will be.
    func untilDue(_ lane: Int) -> Int64? {
        state.withLock { state in
            if state.rate == .unlimited { return 0 }
            guard state.turn == nil || state.turn == lane, permits == nil else { return nil }
            return state.schedule.map { $0.nextDue(at: .now()) } ?? 0
        }
    }

    /// Whether the lane's open transaction is to stay open for its next record: it is its turn.
    func hasTurn(_ lane: Int) -> Bool { state.withLock { $0.turn == lane } }

    /// The lane sends nothing now: another one may.
    func pass(_ lane: Int) {
        let wake = state.withLock { state -> (@Sendable () -> Void)? in
            state.waiting.removeAll { $0 == lane }
            guard state.turn == lane else { return nil }
            state.turn = state.waiting.isEmpty ? nil : state.waiting.removeFirst()
            return state.turn.flatMap { state.wakers[$0] }
        }
        wake?()
    }

    /// Permits have arrived.
    private func wakeSender() {
        let wake = state.withLock { state in state.turn.flatMap { state.wakers[$0] } }
        wake?()
    }
}
