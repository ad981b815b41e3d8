import EventLoop
import Kafka
import Lifecycle
import Postgres
import Redis

/// Looks every second whether each backend is there, and says so on the board; and whether Redis keeps what it must.
final class DependencyWatch {
    private static let interval: Int64 = 1_000_000_000
    /// Seconds between two looks at Redis' eviction policies.
    private static let policyInterval = 60

    private unowned let context: ServerContext
    private var timer: LoopTimer?
    private var ticks = 0
    private var policies: [String: String] = [:]

    init(_ context: ServerContext) throws(EventLoopError) {
        self.context = context
        timer = try LoopTimer(context.loop) { [unowned self] in look() }
        timer?.start(afterNanoseconds: Self.interval)
    }

    func stop() {
        timer?.cancel()
        timer = nil
    }

    private var redis: [(name: String, redis: LoopRedis, wants: String)] {
        if context.caches === context.durable { return [("redis", context.caches, "noeviction")] }
        return [("redis", context.caches, "volatile-lru"), ("redis-durable", context.durable, "noeviction")]
    }

    private func look() {
        let board = context.board
        board.set("postgres", context.postgres.isUp ? nil : context.postgres.lastError?.description ?? "connecting")
        board.set("kafka", context.kafka.isAway ? context.kafka.lastError?.description ?? "no acknowledgement" : nil)
        for (name, redis, wanted) in redis {
            if redis.isUp, ticks % Self.policyInterval == 0 { askPolicy(name, redis, wanted) }
            let away = redis.isUp ? nil : redis.lastError?.description ?? "connecting"
            board.set(name, away ?? policies[name])
        }
        if redis.allSatisfy(\.redis.isUp) { ticks += 1 }
        timer?.start(afterNanoseconds: Self.interval)
    }

    private func askPolicy(_ name: String, _ redis: LoopRedis, _ wanted: String) {
        redis.send(RedisInfo.command(section: "memory")) { [weak self] answer in
            guard let self, case .success(let reply) = answer, let text = reply.text else { return }
            let policy = RedisInfo(text)["maxmemory_policy"] ?? wanted
            policies[name] =
                policy == wanted
                ? nil : "the eviction policy is \(policy); \(wanted) is wanted (CONFIG SET maxmemory-policy)"
        }
    }
}
