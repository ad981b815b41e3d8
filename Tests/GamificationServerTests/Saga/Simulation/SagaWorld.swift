import Events
import Postgres
import RedriveSimulation

@testable import gamification_server

/// Kafka, PostgreSQL, Redis and users-service, as far as the saga can tell, with faults.
struct SagaWorld {
    struct Row: Equatable {
        var points: Int64 = 0
        var events: Int64 = 0
        var largest: Int64 = 0
        var version: Int64 = 0
    }

    struct Entry {
        var points: Int64
        var version: Int64
    }

    /// A record of a topic, and where it came from first.
    struct Stored {
        var content: SagaRecord.Content
        var origin: Int
        var retries = 0
        var isRedriven: Bool { retries > 0 }
    }

    enum Dependency: CaseIterable { case postgres, durable, caches, kafka, users, registry }

    /// A total that the model's ledger refuses to pass; small, so that it happens.
    static let limit: Int64 = 1_500
    static let badges = BadgeRules(
        standard: [
            Self.rule("gold", .totalPoints, 300), Self.rule("five", .events, 5), Self.rule("big", .eventPoints, 90),
        ],
        merchants: [
            PostgresUUID(high: 2, low: 2): [Self.rule("gold", .totalPoints, 400), Self.rule("ghost", .events, 4)]
        ])

    static func rule(_ badge: String, _ threshold: BadgeRule.Threshold, _ value: Int64) -> BadgeRule {
        var rule = BadgeRule(badge: badge)
        rule[threshold] = value
        return rule
    }

    var random: SplitMix64
    let mutant: SagaMutant?
    var down: Set<Dependency> = []
    var calm = false

    /// By partition; the last ones are the replay topic's.
    var partitions: [[Stored]]
    let originPartitions: Int
    var committed: [Int]
    /// By partition: the instance that owns it.
    var owners: [Int]

    var ledger: [PostgresUUID: PointsEvent] = [:]
    var rows: [CustomerKey: Row] = [:]
    var versionOfEvent: [PostgresUUID: Int64] = [:]
    var awards: [CustomerKey: Set<String>] = [:]
    var repairs: Set<PostgresUUID> = []
    var board: [CustomerKey: Entry] = [:]
    var marks: Set<PostgresUUID> = []
    var stale: Set<CustomerKey> = []
    var deadLetters: [(stored: Stored, failure: SagaFailure)] = []
    var parked: [(stored: Stored, failure: SagaFailure)] = []
    /// Origins that were dead-lettered at least once.
    var buriedOrigins: Set<Int> = []
    /// Broken promises.
    var violations: [String] = []

    init(seed: UInt64, mutant: SagaMutant?, origin: Int, replay: Int) {
        random = SplitMix64(seed: seed)
        self.mutant = mutant
        originPartitions = origin
        partitions = Array(repeating: [], count: origin + replay)
        committed = Array(repeating: 0, count: origin + replay)
        owners = Array(repeating: 0, count: origin + replay)
    }

    static let strangers: Set<CustomerKey> = [customer(3)]

    static func customer(_ number: Int) -> CustomerKey {
        CustomerKey(
            merchant: PostgresUUID(high: 2, low: UInt64(number % 3)),
            customer: PostgresUUID(high: 3, low: UInt64(number)))
    }

    /// Whether a call to this dependency fails now, and, if so, whether it has its effect all the same.
    mutating func fails(_ dependency: Dependency) -> Bool {
        if down.contains(dependency) { return true }
        return !calm && random.oneIn(25)
    }

    /// Whether something that failed has happened nevertheless.
    mutating func happensAnyway(_ dependency: Dependency) -> Bool { !down.contains(dependency) && random.oneIn(2) }

    // MARK: - PostgreSQL

    /// Counts what is new; false if a total would go beyond the limit, and then nothing is counted.
    mutating func book(_ batch: PointsBatch, notesRepairs: Bool) -> Booking? {
        var rows = rows
        var ledger = ledger
        var changed: Set<CustomerKey> = []
        var added: [PostgresUUID] = []
        for event in batch.events where ledger[event.id] == nil || mutant == .ledgerWithoutIdentity {
            ledger[event.id] = event
            added.append(event.id)
            var row = rows[event.owner] ?? Row()
            row.points += event.points
            row.events += 1
            row.largest = max(row.largest, event.points)
            rows[event.owner] = row
            changed.insert(event.owner)
        }
        for owner in changed {
            rows[owner]?.version += 1
            if let row = rows[owner], row.points > Self.limit { return nil }
        }
        self.rows = rows
        self.ledger = ledger
        for id in added { versionOfEvent[id] = ledger[id].flatMap { rows[$0.owner]?.version } }
        if notesRepairs { repairs.formUnion(batch.parts.map(\.owner.merchant)) }
        let standings = batch.parts.map { part -> CustomerStanding? in
            guard let row = rows[part.owner] else { return nil }
            if mutant == .standingsOfChangedOnly, !changed.contains(part.owner) { return nil }
            return CustomerStanding(points: row.points, events: row.events, streak: 1, version: row.version)
        }
        return Booking(standings: standings, counted: added.count)
    }

    mutating func award(_ wish: AwardWish) -> AwardOutcome {
        if wish.badge == "ghost" { return .badgeUnknown }
        if Self.strangers.contains(wish.owner) { return .customerNotFound }
        guard let row = rows[wish.owner],
            let rule = Self.badges.rules(for: wish.owner.merchant)
                .first(where: { $0.badge == wish.badge })
        else {
            violations.append("a badge was awarded to a customer without points, or without a rule")
            return .awarded
        }
        if !isMet(rule, row) { violations.append("the badge \(wish.badge) was awarded before it was earned") }
        awards[wish.owner, default: []].insert(wish.badge)
        return .awarded
    }

    func isMet(_ rule: BadgeRule, _ row: Row) -> Bool {
        rule.isMet(
            by: CustomerStanding(points: row.points, events: row.events, streak: 1, version: 0),
            eventPoints: row.largest)
    }

    // MARK: - Redis

    mutating func setBoard(_ entry: BoardUpdate) {
        if let known = board[entry.owner], known.version >= entry.version, mutant != .boardWithoutVersions { return }
        board[entry.owner] = Entry(points: entry.points, version: entry.version)
    }

    /// What the repair sweeper does.
    mutating func repairBoards() {
        for (owner, row) in rows where repairs.contains(owner.merchant) {
            setBoard(BoardUpdate(owner: owner, points: row.points, version: row.version))
        }
        repairs = []
    }

    /// A mark says that everything is done: that must be true.
    mutating func mark(_ mark: SagaMark) {
        marks.insert(mark.event)
        guard mark.outcome == .counted else { return }
        guard let event = ledger[mark.event] else {
            return violations.append("an event was marked that is not counted")
        }
        let version = board[event.owner]?.version ?? -1
        if version < versionOfEvent[mark.event] ?? 0, !repairs.contains(event.owner.merchant) {
            violations.append("an event was marked whose board misses it")
        }
    }

    // MARK: - Kafka

    mutating func bury(_ stored: Stored, _ failure: SagaFailure) {
        buriedOrigins.insert(stored.origin)
        deadLetters.append((stored, failure))
    }

    /// What `reprocess-dlq` does with the dead letters there are.
    mutating func redrive() {
        for (stored, failure) in deadLetters {
            guard stored.retries < 3, failure.code != .eventInvalid, failure.code != .avroMalformed else {
                parked.append((stored, failure))
                continue
            }
            var again = stored
            again.retries += 1
            let partition = Int.random(in: originPartitions..<partitions.count, using: &random)
            partitions[partition].append(again)
        }
        deadLetters = []
    }
}
