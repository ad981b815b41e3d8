import Events
import Postgres

/// The stages on the way out: awards, marks, and what is given up.
extension SagaMachine {
    // MARK: - Awards

    /// The badges that are due to customers of the wave and not known to be theirs. Each hangs on one event: on the last of
    /// the customer's, or on the largest one for a rule that looks at one event's points.
    mutating func wishes(_ wave: SagaWave) -> [AwardWish] {
        guard rules.count > 0, !wave.points.isEmpty else { return [] }
        let (last, largest) = carriers(wave)
        var wishes: [AwardWish] = []
        for (place, part) in wave.batch.parts.enumerated() {
            guard let standing = wave.standings[place], last[place] >= 0 else { continue }
            let rules = rules.rules(for: part.owner.merchant)
            var known: UInt64?
            let most = wave.batch.events[Int(largest[place])].points
            for (bit, rule) in rules.enumerated() where rule.isMet(by: standing, eventPoints: most) {
                let bits = known ?? awarded.badges(of: part.owner)
                known = bits
                guard bits & 1 << UInt64(bit) == 0 else { continue }
                let event = rule.looksAtOneEvent ? largest[place] : last[place]
                let position = Int(wave.points[Int(event)])
                wishes.append(
                    AwardWish(
                        owner: part.owner, badge: rule.badge, item: wave.items[position], bit: bit,
                        position: position))
            }
        }
        return wishes
    }

    /// By the batch's parts: the last event that is still on its way, and the one with the most points; -1 for none.
    private func carriers(_ wave: SagaWave) -> (last: [Int32], largest: [Int32]) {
        var last = [Int32](repeating: -1, count: wave.batch.parts.count)
        var largest = last
        for (place, part) in wave.batch.partOfEvent.enumerated() where wave.isOpen(Int(wave.points[place])) {
            let part = Int(part)
            last[part] = Int32(place)
            let best = largest[part]
            if best < 0 || wave.batch.events[place].points > wave.batch.events[Int(best)].points {
                largest[part] = Int32(place)
            }
        }
        return (last, largest)
    }

    mutating func takeAwards(_ results: [AwardOutcome], _ wave: inout SagaWave) {
        for (wish, result) in zip(wave.wishes, results) {
            switch result {
            case .awarded:
                awarded.insert(wish.owner, bit: wish.bit)
                count { $0.awards += 1 }
            case .badgeUnknown:
                wave.fail(
                    wish.position, SagaFailure(.badgeUnknown, "a badge that a rule names has no translation"),
                    isFinal: true)
            case .customerNotFound:
                wave.fail(
                    wish.position, SagaFailure(.customerNotFound, "users-service does not know the customer"),
                    isFinal: true)
            case .refused:
                wave.fail(
                    wish.position, SagaFailure(.internal, "the database refuses the award"), isFinal: true)
            case .unavailable:
                wave.fail(wish.position, .unavailable("what an award needs is away"), isFinal: false)
            }
        }
        wave.stage = .mark
    }

    // MARK: - Marks

    /// The events all of whose effects are there. A mark is the event's, not the record's: where the event is in the wave
    /// twice, and what one of its records still owes has failed, it has none, or the next attempt would take it as done.
    func finished(_ wave: SagaWave) -> [SagaMark] {
        var marks: [SagaMark] = []
        let failed = Set(wave.faults.keys.compactMap { mark($0, wave)?.event })
        marks.reserveCapacity(wave.items.count)
        for section in wave.sections {
            guard let lane = lanes[section.lane] else { continue }
            for position in section.positions where wave.isOpen(position) {
                guard let mark = lane.records[wave.items[position].index].content.mark,
                    failed.isEmpty || !failed.contains(mark.event)
                else { continue }
                marks.append(mark)
            }
        }
        return marks
    }

    private func mark(_ position: Int, _ wave: SagaWave) -> SagaMark? {
        let item = wave.items[position]
        return lanes[item.lane]?.records[item.index].content.mark
    }

    // MARK: - Giving up

    /// Decides which records go to the dead-letter topic, or that there are too many of them.
    func isGivenUp(_ position: Int, _ wave: SagaWave) -> Bool {
        guard let fault = wave.faults[position] else { return false }
        return fault.isFinal || (lanes[wave.items[position].lane]?.attempts ?? 0) >= settings.retries
    }

    mutating func judge(_ wave: inout SagaWave, now: Int64) {
        var outcomes: [Bool] = []
        outcomes.reserveCapacity(wave.items.count)
        var givenUp: [Int] = []
        for position in wave.items.indices where !wave.owed.contains(position) {
            if wave.faults.isEmpty || wave.faults[position] == nil {
                outcomes.append(false)
            } else if isGivenUp(position, wave) {
                outcomes.append(true)
                givenUp.append(position)
            }
        }
        if wave.isProbe, !isOver(failures: givenUp.count, of: outcomes.count) {
            setPause(now)
            givenUp = Array(givenUp.filter { wave.faults[$0]?.isFinal == true }.prefix(settings.probeBurials))
        } else {
            if wave.isProbe { endPause() }
            if !guardian.admit(outcomes) {
                setPause(now)
                givenUp = []
            }
        }
        for position in (givenUp + wave.owed).sorted() {
            guard let fault = wave.faults[position] else { continue }
            let item = wave.items[position]
            wave.burials.append(
                SagaBurial(
                    item: item, failure: fault.failure,
                    deliveries: Int32(clamping: (lanes[item.lane]?.attempts ?? 0) + 1)))
            wave.buriedPositions.append(position)
        }
    }

    /// Whether a probe says that the flood is over.
    private func isOver(failures: Int, of count: Int) -> Bool {
        failures == 0 || (failures < count && Double(failures) / Double(count) <= settings.flood.ratio)
    }
}
