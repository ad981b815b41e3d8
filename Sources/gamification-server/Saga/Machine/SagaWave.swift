import Postgres

/// The open records of all lanes that are ready, on their way through the stages together.
struct SagaWave: Sendable {
    /// What is done next.
    enum Stage: Sendable {
        case decode
        case look
        case book
        case boards
        case repairs([PostgresUUID])
        case unlink
        case award
        case mark
        case bury
        case end
    }

    /// Why a record's effects are not all there.
    struct Fault: Sendable {
        let failure: SagaFailure
        /// No other attempt will help.
        let isFinal: Bool
    }

    /// One lane's records: positions in the wave.
    struct Section: Sendable {
        let lane: LaneID
        let positions: Range<Int>
    }

    var stage = Stage.decode
    /// Whether it probes if a flood is over.
    let isProbe: Bool
    private(set) var sections: [Section] = []
    private(set) var items: [SagaItem] = []
    /// By position.
    var faults: [Int: Fault] = [:]
    /// Items that are being read again, and positions whose marks are looked up: answers are by place in these, whatever
    /// becomes of the lanes meanwhile.
    var reread: [SagaItem] = []
    var doubtful: [Int] = []
    /// Positions that a mark said are done.
    var marked: Set<Int> = []
    /// Positions given up before, which are only owed to the dead-letter topic.
    var owed: Set<Int> = []

    /// Positions of the events to be counted; in the batch an event has the same place as here.
    var points: [Int32] = []
    var batch = PointsBatch()
    /// Ranges of `points` that are still to be booked, the last one first.
    var unbooked: [Range<Int>] = []
    /// By the batch's parts.
    var standings: [CustomerStanding?] = []
    /// Positions of the updates to be carried out.
    var updates: [Int] = []
    var wishes: [AwardWish] = []
    var burials: [SagaBurial] = []
    /// By place in `burials`.
    var buriedPositions: [Int] = []

    init(isProbe: Bool) { self.isProbe = isProbe }

    /// Adds a lane's records that are not finished.
    mutating func add(_ id: LaneID, _ lane: SagaLane) {
        let start = items.count
        for (index, state) in lane.states.enumerated() where state != .finished {
            if case .owed(let failure) = state {
                faults[items.count] = Fault(failure: failure, isFinal: true)
                owed.insert(items.count)
            }
            items.append(SagaItem(lane: id, index: index))
        }
        sections.append(Section(lane: id, positions: start..<items.count))
    }

    /// Whether the record at this position is still on its way.
    func isOpen(_ position: Int) -> Bool {
        (faults.isEmpty || faults[position] == nil) && (marked.isEmpty || !marked.contains(position))
    }

    /// Notes a fault; one that may pass goes before one that is final, so that all that can be done is done first.
    mutating func fail(_ position: Int, _ failure: SagaFailure, isFinal: Bool) {
        if let known = faults[position], !known.isFinal { return }
        faults[position] = Fault(failure: failure, isFinal: isFinal)
    }
}
