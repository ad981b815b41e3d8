import Lifecycle
import Postgres
import Redis

/// Awards and customers in Redis: what saves most calls every other way.
final class AwardCache {
    /// Nanoseconds that a caller waits for Redis.
    static let patience: Int64 = 20_000_000

    private let redis: LoopRedis

    init(_ redis: LoopRedis) { self.redis = redis }

    /// An award and how long it is kept, in one command: a connection that breaks between two would leave a key for ever.
    private static let storing = RedisScript(
        """
        redis.call('HSET', KEYS[1], 'status', 'AWARDED', 'event_id', ARGV[1], 'locale', ARGV[2], 'awarded_at', ARGV[3],
            'schema_version', ARGV[4])
        return redis.call('EXPIRE', KEYS[1], ARGV[5])
        """)
    private static let version = String(AwardEvents.schemaVersion)
    private static let lifetime = String(TimeToLive.badge)

    /// Reads an award and its customer's language, both in one round trip. `completion` may be called before this returns.
    func read(
        merchant: String, customer: String, badge: String, at now: MonotonicInstant,
        _ completion: @escaping (_ award: Award?, _ customer: String?) -> Void
    ) {
        guard redis.isWorthAsking(at: now) else { return completion(nil, nil) }
        let keys = redis.keys
        var award: Award?
        let badgeKey = keys.badge(merchant: merchant, customer: customer, badge: badge)
        redis.send(RedisCommand("HMGET", key: badgeKey, "event_id", "locale", "awarded_at"), within: nil) {
            if case .success(let reply) = $0 { award = Self.award(reply) }
        }
        let customerKey = keys.eligibility(merchant: merchant, customer: customer)
        // Sent last, on the same connection, so its answer comes last; where it is not there in time neither counts.
        redis.send(RedisCommand("HGET", key: customerKey, "locale"), within: Self.patience) {
            if case .success(let reply) = $0 { completion(award, reply.text) } else { completion(award, nil) }
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
        let command = RedisCommand(
            Self.storing, keys: [key],
            arguments: [
                award.eventID.description, award.locale, String(award.awardedAt), Self.version, Self.lifetime,
            ])
        redis.send(command, within: Self.patience) { _ in completion() }
    }

    private static func award(_ reply: RedisReply) -> Award? {
        guard let fields = reply.elements, fields.count == 3, let id = fields[0].text.flatMap({ PostgresUUID($0) }),
            let locale = fields[1].text, let time = fields[2].number
        else { return nil }
        return Award(eventID: id, locale: locale, awardedAt: time)
    }
}
