import Events
import Postgres

/// The stages on the way in: what a wave asks for, in order; a stage without work is passed over.
extension SagaMachine {
    /// The next action of the wave in hand; nil once it has ended without one.
    mutating func advance(now: Int64) -> SagaAction? {
        guard var wave else { return nil }
        self.wave = nil
        while true {
            if let action = action(&wave, now: now) {
                self.wave = wave
                return action
            }
            if case .end = wave.stage {
                self.wave = wave
                // Nothing had to be buried: as if it had been.
                finish(.done, now: now, chance: 1)
                return nil
            }
        }
    }

    private mutating func action(_ wave: inout SagaWave, now: Int64) -> SagaAction? {
        switch wave.stage {
        case .decode:
            wave.reread = wave.items.filter { isUnreadable($0) && (lanes[$0.lane]?.attempts ?? 0) > 0 }
            wave.stage = wave.reread.isEmpty ? .look : .decode
            return wave.reread.isEmpty ? nil : .decode(wave.reread)
        case .look:
            let doubtful = redisAwayUntil == nil ? doubtful(wave) : []
            let marks = doubtful.map(\.mark)
            wave.doubtful = doubtful.map(\.position)
            wave.stage = marks.isEmpty ? .book : .look
            if marks.isEmpty { prepare(&wave) }
            return marks.isEmpty ? nil : .look(marks)
        case .book: return book(&wave)
        case .boards: return boards(&wave, now: now)
        case .repairs(let merchants): return .noteRepairs(merchants)
        case .unlink:
            wave.updates = wave.updates.filter { wave.isOpen($0) && updated($0, wave) != nil }
            let owners = wave.updates.compactMap { updated($0, wave) }
            wave.stage = owners.isEmpty ? .award : .unlink
            return owners.isEmpty ? nil : .unlink(owners)
        case .award:
            wave.wishes = wishes(wave)
            wave.stage = wave.wishes.isEmpty ? .mark : .award
            return wave.wishes.isEmpty ? nil : .award(wave.wishes)
        case .mark:
            let marks = redisAwayUntil == nil ? finished(wave) : []
            wave.stage = marks.isEmpty ? .bury : .mark
            return marks.isEmpty ? nil : .mark(marks)
        case .bury:
            judge(&wave, now: now)
            wave.stage = wave.burials.isEmpty ? .end : .bury
            return wave.burials.isEmpty ? nil : .bury(wave.burials)
        case .end: return nil
        }
    }

    // MARK: - Reading

    private func content(_ item: SagaItem) -> SagaRecord.Content? { lanes[item.lane]?.records[item.index].content }

    private func isUnreadable(_ item: SagaItem) -> Bool {
        if case .unreadable = content(item) { true } else { false }
    }

    mutating func takeDecoded(_ contents: [SagaRecord.Content], _ wave: inout SagaWave) {
        for (item, content) in zip(wave.reread, contents) { lanes[item.lane]?.replace(item.index, with: content) }
        wave.stage = .look
    }

    /// Events that may have been done before, with their positions: what was redriven, what was tried before, and what
    /// comes first after an assignment.
    private func doubtful(_ wave: SagaWave) -> [(position: Int, mark: SagaMark)] {
        var found: [(Int, SagaMark)] = []
        for section in wave.sections {
            guard let lane = lanes[section.lane] else { continue }
            for position in section.positions where wave.isOpen(position) {
                let record = lane.records[wave.items[position].index]
                guard lane.mayRepeat || record.isRedriven, let mark = record.content.mark else { continue }
                found.append((position, mark))
            }
        }
        return found
    }

    mutating func takeMarks(_ marks: [Bool], _ wave: inout SagaWave) {
        for (position, isMarked) in zip(wave.doubtful, marks) where isMarked {
            wave.marked.insert(position)
            count { $0.repeated += 1 }
        }
        wave.stage = .book
        prepare(&wave)
    }

    /// Sorts the records by what they ask for.
    private mutating func prepare(_ wave: inout SagaWave) {
        var events: [PointsEvent] = []
        for section in wave.sections {
            guard let lane = lanes[section.lane] else { continue }
            for position in section.positions where wave.isOpen(position) {
                switch lane.records[wave.items[position].index].content {
                case .points(let event):
                    wave.points.append(Int32(position))
                    events.append(event)
                case .outdated: count { $0.outdated += 1 }
                case .update:
                    wave.updates.append(position)
                    count { $0.updates += 1 }
                case .foreign: count { $0.foreign += 1 }
                case .poison(let failure): wave.fail(position, failure, isFinal: true)
                case .unreadable(let failure): wave.fail(position, failure, isFinal: false)
                }
            }
        }
        wave.batch = PointsBatch(events)
        wave.standings = Array(repeating: nil, count: wave.batch.parts.count)
        wave.unbooked = events.isEmpty ? [] : [0..<events.count]
    }

    // MARK: - Points and boards

    private func book(_ wave: inout SagaWave) -> SagaAction? {
        guard let range = wave.unbooked.last else {
            wave.stage = .boards
            return nil
        }
        return .book(part(range, of: wave), notesRepairs: redisAwayUntil != nil)
    }

    private func part(_ range: Range<Int>, of wave: SagaWave) -> PointsBatch {
        range == 0..<wave.points.count ? wave.batch : PointsBatch(wave.batch.events[range])
    }

    mutating func takeBooking(_ booking: Booking, _ wave: inout SagaWave) {
        guard let range = wave.unbooked.popLast() else { return }
        count {
            $0.counted += booking.counted
            $0.repeated += range.count - booking.counted
        }
        if range == 0..<wave.points.count {
            wave.standings = booking.standings
            return
        }
        let batch = part(range, of: wave)
        for (part, standing) in zip(batch.parts, booking.standings) {
            if let place = wave.batch.place(of: part.owner) { wave.standings[place] = standing }
        }
    }

    /// A total would go beyond what is allowed: halves are tried, until it is known by which event.
    func bisect(_ wave: inout SagaWave) {
        guard let range = wave.unbooked.popLast() else { return }
        guard range.count > 1 else {
            let failure = SagaFailure(.eventInvalid, "the points take the customer's total beyond 2^53 - 1")
            for place in range { wave.fail(Int(wave.points[place]), failure, isFinal: true) }
            return
        }
        let middle = range.lowerBound + range.count / 2
        wave.unbooked.append(middle..<range.upperBound)
        wave.unbooked.append(range.lowerBound..<middle)
    }

    func failPoints(_ wave: inout SagaWave, _ range: Range<Int>, _ message: String) {
        for place in range { wave.fail(Int(wave.points[place]), .unavailable(message), isFinal: false) }
    }

    private func boards(_ wave: inout SagaWave, now: Int64) -> SagaAction? {
        wave.stage = .unlink
        // Then the transaction has noted the merchants already.
        if let redisAwayUntil, now < redisAwayUntil { return nil }
        var entries: [BoardUpdate] = []
        entries.reserveCapacity(wave.batch.parts.count)
        for (part, standing) in zip(wave.batch.parts, wave.standings) {
            guard let standing else { continue }
            entries.append(BoardUpdate(owner: part.owner, points: standing.points, version: standing.version))
        }
        guard !entries.isEmpty else { return nil }
        wave.stage = .boards
        return .setBoards(entries)
    }

    mutating func takeBoards(_ missing: Set<PostgresUUID>, _ wave: inout SagaWave, now: Int64) {
        // Where Redis was away before, the transaction has noted all merchants.
        let mustNote = !missing.isEmpty && redisAwayUntil == nil
        setRedis(isAway: !missing.isEmpty, now: now)
        wave.stage = mustNote ? .repairs(missing.sorted()) : .unlink
    }

    private func updated(_ position: Int, _ wave: SagaWave) -> CustomerKey? {
        if case .update(_, let owner) = content(wave.items[position]) { owner } else { nil }
    }
}

extension SagaRecord.Content {
    /// The mark that says it is done; nil for what has none.
    var mark: SagaMark? {
        switch self {
        case .points(let event): SagaMark(merchant: event.owner.merchant, event: event.id, outcome: .counted)
        case .outdated(let event): SagaMark(merchant: event.owner.merchant, event: event.id, outcome: .outdated)
        case .update(let id, let owner): SagaMark(merchant: owner.merchant, event: id, outcome: .updated)
        case .foreign, .poison, .unreadable: nil
        }
    }
}
