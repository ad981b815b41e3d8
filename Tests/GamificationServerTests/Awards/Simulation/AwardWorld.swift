@testable import gamification_server
import Postgres
import RedriveSimulation

/// What outlives instances: the database's rows, Kafka's records, the cache. All that was promised is checked here, at the
/// moment when it would be broken.
final class AwardWorld {
    struct Row {
        let award: Award
        var isPublished = false
        var isLocked = false
        /// Steps of the simulation since it was written.
        let writtenAt: Int
    }

    let badges = 3
    let customers = 3
    var random: SplitMix64
    var step = 0
    private(set) var rows: [Int: Row] = [:]
    /// Event ids that Kafka has, by award, in the order of their records; only `badge.awarded`.
    private(set) var events: [Int: [PostgresUUID]] = [:]
    private var cache: [Int: Award] = [:]
    private var winners: [Int: Int] = [:]
    private(set) var violations: [String] = []

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    /// Awards of a customer whose number is the last are of somebody whom users-service does not know.
    func isKnownCustomer(_ key: Int) -> Bool { key / badges != customers - 1 }

    func violate(_ text: String) { if violations.count < 8 { violations.append(text) } }

    // MARK: The database

    func insert(_ key: Int, id: PostgresUUID, overwrite: Bool) -> (Award, isNew: Bool) {
        if let row = rows[key], !overwrite { return (row.award, false) }
        if !isKnownCustomer(key) { violate("award \(key): a row for an unknown customer") }
        if rows[key] != nil { violate("award \(key): its row was replaced") }
        let award = Award(eventID: id, locale: "en", awardedAt: Int64(step))
        rows[key] = Row(award: award, writtenAt: step)
        return (award, true)
    }

    func mark(_ key: Int) {
        if events[key] == nil { violate("award \(key): marked as published, and Kafka has nothing of it") }
        rows[key]?.isPublished = true
    }

    /// Locks the rows that a sweeper takes.
    func takeUnpublished(olderThan age: Int) -> [Int] {
        let due = rows.filter { !$1.isPublished && step - $1.writtenAt > age && !$1.isLocked }
        let keys = due.keys.sorted()
        for key in keys { rows[key]?.isLocked = true }
        return keys
    }

    func unlock(_ keys: [Int]) { for key in keys { rows[key]?.isLocked = false } }

    // MARK: Kafka and the cache

    func publish(_ key: Int, id: PostgresUUID) {
        events[key, default: []].append(id)
        if rows[key]?.award.eventID != id { violate("award \(key): published under an id that is not its row's") }
    }

    func cached(_ key: Int) -> Award? { cache[key] }

    func store(_ key: Int, _ award: Award) {
        if rows[key]?.award != award { violate("award \(key): the cache has what the database has not") }
        cache[key] = award
    }

    func loseCache() { cache = [:] }

    // MARK: Answers

    func answered(_ key: Int, _ result: AwardResult) {
        switch result {
        case .awarded(let award):
            check(key, award)
            winners[key, default: 0] += 1
            if winners[key, default: 0] > 1 { violate("award \(key): AWARDED was answered twice") }
        case .alreadyAwarded(let award): check(key, award)
        case .failed(.unknownCustomer):
            if isKnownCustomer(key) { violate("award \(key): a customer who exists was said not to") }
        case .failed: break
        }
    }

    private func check(_ key: Int, _ award: Award) {
        if rows[key]?.award != award { violate("award \(key): answered, and it is not in the database") }
    }

    /// What must hold once everything has come to rest.
    func checkEnd(withoutFaults: Bool) {
        for (key, row) in rows {
            let ids = events[key] ?? []
            if ids.isEmpty { violate("award \(key): never published") }
            if Set(ids).count > 1 || (ids.first.map { $0 != row.award.eventID } ?? false) {
                violate("award \(key): published under two ids")
            }
            if withoutFaults, ids.count > 1 { violate("award \(key): published \(ids.count) times without a fault") }
            if withoutFaults, winners[key] != 1 { violate("award \(key): nobody was told AWARDED") }
        }
    }
}
