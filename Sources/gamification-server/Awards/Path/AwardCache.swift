import Lifecycle
import Postgres
import Redis

/// Awards and customers in Redis: what saves most calls every other way.
final class AwardCache {
    /// Nanoseconds that a caller waits for Redis.
    static let patience: Int64 = 20_000_000

    private let redis: LoopRedis

    init(_ redis: LoopRedis) { self.redis = redis }

    /// The two answers of one read, until both are there.
    private final class Read {
        var award: Award?
        var language: String?
        var left = 2
        let completion: (Award?, String?) -> Void
        init(_ completion: @escaping (Award?, String?) -> Void) { self.completion = completion }

        func end() {
            left -= 1
            if left == 0 { completion(award, language) }
        }
    }

    /// Reads an award and its customer's language, both in one round trip. `completion` may be called before this returns.
    func read(
        merchant: String, customer: String, badge: String, at now: MonotonicInstant,
        _ completion: @escaping (_ award: Award?, _ customer: String?) -> Void
    ) {
        guard redis.isWorthAsking(at: now) else { return completion(nil, nil) }
        let keys = redis.keys
        let read = Read(completion)
        let badgeKey = keys.badge(merchant: merchant, customer: customer, badge: badge)
        redis.send(RedisCommand("HMGET", key: badgeKey, "event_id", "locale", "awarded_at"), within: Self.patience) {
            if case .success(let reply) = $0 { read.award = Self.award(reply) }
            read.end()
        }
        let customerKey = keys.eligibility(merchant: merchant, customer: customer)
        redis.send(RedisCommand("HGET", key: customerKey, "locale"), within: Self.patience) {
            if case .success(let reply) = $0 { read.language = reply.text }
            read.end()
        }
    }

    /// Writes an award; `completion` is called when it is written or nobody waits for that any more, possibly before this
    /// returns. A write that Redis refuses is a miss later, not an error.
    func store(
        _ award: Award, merchant: String, customer: String, badge: String, at now: MonotonicInstant,
        _ completion: @escaping () -> Void
    ) {
        guard redis.isWorthAsking(at: now) else { return completion() }
        let key = redis.keys.badge(merchant: merchant, customer: customer, badge: badge)
        var set = RedisCommand("HSET", key: key, "status", "AWARDED", "event_id")
        set.add(award.eventID.description)
        set.add("locale")
        set.add(award.locale)
        set.add("awarded_at")
        set.add(award.awardedAt)
        set.add("schema_version")
        set.add(Int64(AwardEvents.schemaVersion))
        redis.send(set, within: Self.patience) { _ in }
        var expire = RedisCommand("EXPIRE", key: key)
        expire.add(Int64(TimeToLive.badge))
        redis.send(expire, within: Self.patience) { _ in completion() }
    }

    private static func award(_ reply: RedisReply) -> Award? {
        guard let fields = reply.elements, fields.count == 3, let id = fields[0].text.flatMap({ PostgresUUID($0) }),
            let locale = fields[1].text, let time = fields[2].number
        else { return nil }
        return Award(eventID: id, locale: locale, awardedAt: time)
    }
}
