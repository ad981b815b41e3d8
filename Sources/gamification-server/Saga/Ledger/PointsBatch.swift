import Postgres

/// Events that are counted in one transaction, and the customers they belong to.
struct PointsBatch: Sendable {
    /// A customer and the days in a row that the batch's events of theirs end with.
    struct Part: Sendable {
        let owner: CustomerKey
        /// The last day with an event, in days since 1970.
        fileprivate(set) var lastDay: Int32
        /// Days in a row with events in this batch, up to the last one; 1 and up.
        fileprivate(set) var run: Int32 = 1
    }

    private(set) var events: [PointsEvent] = []
    private(set) var parts: [Part] = []
    /// By event: its customer's place in `parts`.
    private(set) var partOfEvent: [Int32] = []
    private var places: [CustomerKey: Int32] = [:]
    /// Days other than the last one that was known when they came, by customer; hardly ever any.
    private var otherDays: [Int32: [Int32]] = [:]

    init(capacity: Int = 0) {
        events.reserveCapacity(capacity)
        partOfEvent.reserveCapacity(capacity)
    }

    /// A batch of these events.
    init(_ events: some Collection<PointsEvent>) {
        self.init(capacity: events.count)
        for event in events { add(event) }
        settleDays()
    }

    /// Where a customer stands in `parts`; nil if no event is theirs.
    func place(of owner: CustomerKey) -> Int? { places[owner].map { Int($0) } }

    private mutating func add(_ event: PointsEvent) {
        events.append(event)
        let day = event.day
        guard let place = places[event.owner] else {
            places[event.owner] = Int32(parts.count)
            partOfEvent.append(Int32(parts.count))
            return parts.append(Part(owner: event.owner, lastDay: day))
        }
        partOfEvent.append(place)
        let known = parts[Int(place)].lastDay
        guard day != known else { return }
        otherDays[place, default: []].append(min(day, known))
        parts[Int(place)].lastDay = max(day, known)
    }

    /// Counts back from each customer's last day as long as there is a day before.
    private mutating func settleDays() {
        for (place, days) in otherDays {
            let days = Set(days)
            let last = parts[Int(place)].lastDay
            var run: Int32 = 1
            while days.contains(last - run) { run += 1 }
            parts[Int(place)].run = run
        }
        otherDays = [:]
    }
}

/// What came of a batch.
struct Booking: Sendable {
    /// By place in the batch's `parts`: where the customer stands now, whether this batch changed it or not. Nil for one
    /// who has no points at all, because the event's id was counted for somebody else.
    var standings: [CustomerStanding?]
    /// Events that were counted; the others had been before.
    var counted: Int
}
