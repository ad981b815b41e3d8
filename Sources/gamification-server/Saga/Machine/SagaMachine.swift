import Events
import Lifecycle
import Postgres

/// What the saga does next, decided without a clock, socket or thread: it is told what came of each action and gives the
/// next one. One action is under way at a time; each carries the records of all partitions that are ready.
///
/// A wave of records goes through the stages in this order: marks looked up, points booked, boards set, caches unlinked,
/// rules evaluated and badges awarded, marks set for what is all done, dead letters written for what is given up; then the
/// offsets are committed. Every effect may be repeated, so a crash at any instant costs nothing but time. A lane whose
/// records are not all finished waits for its next attempt while others go on.
struct SagaMachine: Sendable {
    let settings: SagaSettings
    var rules: BadgeRules {
        didSet { awarded.reset() }
    }
    var lanes: [LaneID: SagaLane] = [:]
    var wave: SagaWave?
    var guardian: FloodGuard
    var awarded: AwardedMemory
    private(set) var tally = SagaTally()
    /// Until when consumption is paused; nil while it is not.
    private(set) var pausedUntil: Int64?
    private var pause: Backoff
    /// Until when the durable Redis is let be; nil while it is well.
    private(set) var redisAwayUntil: Int64?
    private var commitAt: Int64 = 0
    private var isCommitting: [LanePosition] = []
    private var lastLane: LaneID = 0

    init(_ settings: SagaSettings, rules: BadgeRules, memory: AwardedMemory = AwardedMemory()) {
        self.settings = settings
        self.rules = rules
        guardian = FloodGuard(settings.flood)
        awarded = memory
        pause = Backoff(firstMilliseconds: settings.firstPause, longestMilliseconds: settings.longestPause)
    }

    // MARK: - Partitions

    /// A partition was assigned, to be read from this offset on.
    mutating func addLane(at position: Int64) -> LaneID {
        lastLane += 1
        lanes[lastLane] = SagaLane(
            position: position,
            backoff: Backoff(
                firstMilliseconds: settings.firstBackoff, longestMilliseconds: settings.longestBackoff))
        return lastLane
    }

    /// A partition was taken away; what is in hand of it is the next owner's.
    mutating func removeLane(_ id: LaneID) { lanes[id] = nil }

    /// A lane that `wait` named has got records; `end` is the offset after the last one, gaps included.
    mutating func give(_ id: LaneID, _ records: [SagaRecord], end: Int64) { lanes[id]?.take(records, end: end) }

    /// Whether nothing is in hand that another action would bring forward: the moment to stop.
    var isSettled: Bool { wave == nil && isCommitting.isEmpty && !lanes.values.contains { $0.position > $0.committed } }

    /// Records that wait for another attempt or for the end of a pause.
    var waiting: Int { lanes.values.reduce(0) { $0 + $1.records.count } }

    // MARK: - The next action

    /// The next action. `now` is in nanoseconds, on the same clock throughout.
    mutating func next(now: Int64) -> SagaAction {
        if wave != nil, let action = advance(now: now) { return action }
        if let action = commit(now: now) { return action }
        if begin(now: now), let action = advance(now: now) { return action }
        return wait(now: now)
    }

    private mutating func commit(now: Int64) -> SagaAction? {
        guard now >= commitAt else { return nil }
        isCommitting = lanes.filter { $0.value.position > $0.value.committed }
            .map { LanePosition(lane: $0.key, offset: $0.value.position) }
        return isCommitting.isEmpty ? nil : .commit(isCommitting.sorted { $0.lane < $1.lane })
    }

    /// Forms a wave of what is ready.
    private mutating func begin(now: Int64) -> Bool {
        let isProbe = pausedUntil != nil
        if let pausedUntil, now < pausedUntil { return false }
        var wave = SagaWave(isProbe: isProbe)
        for (id, lane) in lanes.sorted(by: { $0.key < $1.key }) where !lane.isIdle {
            guard lane.isHeld ? isProbe : lane.readyAt <= now else { continue }
            wave.add(id, lane)
        }
        guard !wave.items.isEmpty else { return false }
        for section in wave.sections where (lanes[section.lane]?.attempts ?? 0) > 0 {
            tally.retried += section.positions.count
        }
        self.wave = wave
        return true
    }

    private func wait(now: Int64) -> SagaAction {
        var until = pausedUntil.flatMap { $0 > now ? $0 : nil }
        if pausedUntil == nil {
            until = lanes.values.filter { !$0.isIdle && !$0.isHeld }.map(\.readyAt).min()
        }
        if commitAt > now, lanes.values.contains(where: { $0.position > $0.committed }) {
            until = min(until ?? .max, commitAt)
        }
        let isPaused = pausedUntil.map { $0 > now } ?? false
        let idle = isPaused ? [] : lanes.filter { $0.value.isIdle }.keys.sorted()
        return .wait(lanes: idle, until: until)
    }

    // MARK: - Outcomes

    /// What came of the action that `next` gave last. `chance`, from 0 to 1, spreads the next attempts.
    mutating func finish(_ outcome: SagaOutcome, now: Int64, chance: Double) {
        guard isCommitting.isEmpty else {
            if case .done = outcome {
                for position in isCommitting { lanes[position.lane]?.committed = position.offset }
            } else {
                commitAt = now + settings.commitPause * 1_000_000
            }
            isCommitting = []
            return
        }
        guard var wave else { return }
        self.wave = nil
        take(outcome, &wave, now: now)
        if case .end = wave.stage { settle(wave, now: now, chance: chance) } else { self.wave = wave }
    }

    private mutating func take(_ outcome: SagaOutcome, _ wave: inout SagaWave, now: Int64) {
        switch outcome {
        case .decoded(let contents): takeDecoded(contents, &wave)
        case .looked(let marks): takeMarks(marks, &wave)
        case .booked(let booking): takeBooking(booking, &wave)
        case .refused: bisect(&wave)
        case .boardsSet(let missing): takeBoards(missing, &wave, now: now)
        case .unlinked(let results):
            for (position, isDone) in zip(wave.updates, results) where !isDone {
                wave.fail(position, .unavailable("the cache of customers is away"), isFinal: false)
            }
            wave.stage = .award
        case .awarded(let results): takeAwards(results, &wave)
        case .buried(let results):
            for (position, isDone) in zip(wave.buriedPositions, results) {
                if isDone {
                    wave.faults[position] = nil
                    wave.owed.remove(position)
                    tally.buried += 1
                } else {
                    wave.owed.insert(position)
                }
            }
            wave.stage = .end
        case .unavailable, .done: takePlain(outcome, &wave)
        }
    }

    private func takePlain(_ outcome: SagaOutcome, _ wave: inout SagaWave) {
        let isDone = if case .done = outcome { true } else { false }
        switch wave.stage {
        case .decode: wave.stage = .look
        case .look: wave.stage = .book
        case .book:
            if !isDone {
                for range in wave.unbooked { failPoints(&wave, range, "PostgreSQL is away") }
                wave.unbooked = []
            }
        case .boards, .repairs:
            if !isDone { failPoints(&wave, 0..<wave.points.count, "neither Redis nor PostgreSQL can be reached") }
            wave.stage = .unlink
        case .unlink: wave.stage = .award
        case .award: wave.stage = .mark
        case .mark: wave.stage = .bury
        case .bury, .end: wave.stage = .end
        }
    }

    /// Ends a wave: each lane moves on, or waits for its next attempt.
    private mutating func settle(_ wave: SagaWave, now: Int64, chance: Double) {
        let isPaused = pausedUntil != nil
        for section in wave.sections {
            guard var lane = lanes.removeValue(forKey: section.lane) else { continue }
            var mustHold = false
            for position in section.positions {
                let index = wave.items[position].index
                guard let fault = wave.faults[position] else {
                    lane.set(index, .finished)
                    continue
                }
                lane.set(index, wave.owed.contains(position) ? .owed(fault.failure) : .open)
                mustHold = mustHold || fault.isFinal || lane.attempts >= settings.retries
            }
            lane.isHeld = isPaused && mustHold
            lane.endAttempt(now: now, chance: chance)
            lanes[section.lane] = lane
        }
    }
}

extension SagaFailure {
    static func unavailable(_ what: String) -> SagaFailure { SagaFailure(.dependencyUnavailable, what) }
}

extension SagaMachine {
    mutating func count(_ change: (inout SagaTally) -> Void) { change(&tally) }

    mutating func setPause(_ now: Int64, chance: Double = 1) {
        if pausedUntil == nil { tally.pauses += 1 }
        pausedUntil = now + pause.failed(chance: chance)
    }

    mutating func endPause() {
        pausedUntil = nil
        pause.succeeded()
        guardian.reset()
    }

    /// The boards and marks could, or could not, be written.
    mutating func setRedis(isAway: Bool, now: Int64) {
        redisAwayUntil = isAway ? now + settings.redisPause * 1_000_000 : nil
    }
}
