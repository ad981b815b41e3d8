import Lifecycle
import Redis
import Translations

/// One search for a name: Redis, then, as the one that fills it, the database.
final class NameSearch {
    enum Source { case redis, database }

    let group: TranslationGroup
    /// The key in Redis.
    private let name: String
    var waiters: [(BadgeNames.Answer) -> Void] = []
    /// The translation changed while the search was under way: what it finds is for its waiters only.
    var isOvertaken = false

    init(_ group: TranslationGroup, name: String) {
        self.group = group
        self.name = name
    }

    func begin(
        _ redis: LoopRedis, _ reader: NameReader, mayFill: Bool, at now: MonotonicInstant,
        _ completion: @escaping (BadgeNames.Answer, Source) -> Void
    ) {
        guard redis.isWorthAsking(at: now) else { return read(reader, nil, redis, completion) }
        redis.send(RedisCommand("GET", key: name), within: 20_000_000) { [self] answer in
            if case .success(let reply) = answer, let text = reply.text,
                let found = BadgeName(locale: group.locale, cached: text)
            {
                return completion(.success(found), .redis)
            }
            guard mayFill, case .success = answer, let fill = try? CacheFill(of: name),
                fill.isPossible(inCluster: redis.isCluster)
            else { return read(reader, nil, redis, completion) }
            redis.send(fill.begin, within: 20_000_000) { [self] answer in
                // Another one fills, or Redis has gone: the database is read regardless.
                let mayStore = if case .success(.status) = answer { true } else { false }
                read(reader, mayStore ? fill : nil, redis, completion)
            }
        }
    }

    private func read(
        _ reader: NameReader, _ fill: CacheFill?, _ redis: LoopRedis,
        _ completion: @escaping (BadgeNames.Answer, Source) -> Void
    ) {
        reader.read(group) { answer in
            if let fill, case .success(let name?) = answer {
                redis.send(fill.store(name.cached, seconds: TimeToLive.translation)) { _ in }
            }
            completion(answer, .database)
        }
    }
}
