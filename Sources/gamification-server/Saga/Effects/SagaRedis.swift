import Postgres
import Redis

/// Boards, marks and what is known about customers, in Redis, on connections of the saga's own. Blocking.
final class SagaRedis {
    private let durable: RedisSession
    private let caches: RedisSession
    private let style: RedisKeyStyle?
    private var knownDurable: RedisKeys?
    private var knownCaches: RedisKeys?

    /// Connects when it is first used.
    /// - Throws: `RedisError` of kind `configuration`.
    init(_ configuration: SagaConfiguration) throws(RedisError) {
        durable = try RedisSession(unconnected: Self.hasty(configuration.durableRedis))
        caches = try RedisSession(unconnected: Self.hasty(configuration.cacheRedis))
        style = configuration.keyStyle
    }

    /// A wave must not hang on a Redis that is away.
    private static func hasty(_ configuration: RedisConfiguration) -> RedisConfiguration {
        var configuration = configuration
        configuration.connectTimeout = .milliseconds(500)
        configuration.answerTimeout = .seconds(2)
        configuration.patience = .milliseconds(500)
        return configuration
    }

    /// Ends the connections.
    func close() {
        durable.close()
        caches.close()
    }

    // MARK: - Effects

    /// Sets totals on boards.
    /// - Returns: the merchants whose boards were not, or not wholly, set.
    func setBoards(_ entries: [BoardUpdate]) -> Set<PostgresUUID> {
        var totals: [PostgresUUID: [BoardTotal]] = [:]
        for entry in entries {
            totals[entry.owner.merchant, default: []].append(
                BoardTotal(
                    customer: entry.owner.customer.description, points: entry.points, version: entry.version))
        }
        guard let keys = durableKeys() else { return Set(totals.keys) }
        var commands: [RedisCommand] = []
        var merchants: [PostgresUUID] = []
        for (merchant, totals) in totals {
            let own = BoardScripts.setTotals(keys, merchant: merchant.description, totals)
            commands += own
            merchants += Array(repeating: merchant, count: own.count)
        }
        guard let results = try? durable.run(pipeline: commands) else { return Set(merchants) }
        return Set(zip(merchants, results).filter { !$1.isSuccess }.map(\.0))
    }

    /// Which of these events are marked as done; empty where that could not be found out.
    func look(_ marks: [SagaMark]) -> [Bool] {
        guard let keys = durableKeys() else { return [] }
        let commands = marks.map { mark in
            RedisCommand(
                "EXISTS", key: keys.processed(merchant: mark.merchant.description, event: mark.event.description))
        }
        guard let results = try? durable.run(pipeline: commands) else { return [] }
        return results.map { (try? $0.get().number) == 1 }
    }

    /// Marks events as done. What fails is left: a mark only saves the way to PostgreSQL.
    func mark(_ marks: [SagaMark]) {
        guard let keys = durableKeys() else { return }
        var merchant: (id: PostgresUUID, text: String)?
        let commands = marks.map { mark in
            if merchant?.id != mark.merchant { merchant = (mark.merchant, mark.merchant.description) }
            let name = keys.processed(merchant: merchant?.text ?? "", event: mark.event.description)
            return RedisCommand("SET", key: name, mark.outcome.rawValue, "EX", Self.markLifetime)
        }
        _ = try? durable.run(pipeline: commands)
    }

    private static let markLifetime = String(TimeToLive.processed)

    /// Unlinks what is known about these customers, with the tokens of whoever is filling it.
    /// - Returns: by place, whether it is gone.
    func unlink(_ owners: [CustomerKey]) -> [Bool] {
        guard let keys = cacheKeys() else { return owners.map { _ in false } }
        var commands: [RedisCommand] = []
        var ranges: [Range<Int>] = []
        for owner in owners {
            let name = keys.eligibility(
                merchant: owner.merchant.description, customer: owner.customer.description)
            let own = CacheInvalidation.commands(of: name, unless: nil, inCluster: caches.isCluster)
            ranges.append(commands.count..<commands.count + own.count)
            commands += own
        }
        guard let results = try? caches.run(pipeline: commands) else { return owners.map { _ in false } }
        return ranges.map { results[$0].allSatisfy(\.isSuccess) }
    }

    // MARK: - Names

    /// How a server's keys are spelled; nil as long as it cannot be asked.
    private func keys(of session: RedisSession, _ known: inout RedisKeys?) -> RedisKeys? {
        if let known { return known }
        guard let style = style ?? Self.style(of: session) else { return nil }
        known = RedisKeys(style)
        return known
    }

    private func durableKeys() -> RedisKeys? { keys(of: durable, &knownDurable) }
    private func cacheKeys() -> RedisKeys? { keys(of: caches, &knownCaches) }

    private static func style(of session: RedisSession) -> RedisKeyStyle? {
        guard (try? session.run(RedisCommand("PING"))) != nil else { return nil }
        return session.isCluster ? .tagged : .plain
    }
}

extension Result {
    fileprivate var isSuccess: Bool { if case .success = self { true } else { false } }
}
