import EventLoop
import Lifecycle
import Observability
import Postgres
import Redis

/// Knows the epoch of the boards, and raises it when the durable Redis is another one than before: what it holds may then be
/// older than what it was told.
final class BoardEpoch {
    private static let interval: Int64 = 1_000_000_000

    private let loop: EventLoop
    private let redis: LoopRedis
    private let postgres: LoopPostgres
    private let log: Logger
    private var timer: LoopTimer?
    private var isAsking = false
    private var waiting: [(Int64?) -> Void] = []

    init(_ loop: EventLoop, redis: LoopRedis, postgres: LoopPostgres, log: Logger) throws(EventLoopError) {
        self.loop = loop
        self.redis = redis
        self.postgres = postgres
        self.log = log
        timer = try LoopTimer(loop) { [unowned self] in look() }
        timer?.start(afterNanoseconds: 0)
    }

    /// The epoch in which boards are trusted; nil until it is known, and while Redis is away or has come back unlooked at.
    private(set) var current: Int64?

    func stop() {
        timer?.cancel()
        timer = nil
    }

    /// Asks again, and tells what the epoch is now.
    func refresh(_ body: @escaping (Int64?) -> Void) {
        waiting.append(body)
        look()
    }

    private func look() {
        timer?.start(afterNanoseconds: Self.interval)
        if !redis.isUp { current = nil }
        guard !isAsking else { return }
        guard redis.isUp, postgres.isUp else { return told() }
        isAsking = true
        askRedis(redis.primaries[...], [])
    }

    /// One server after the other: there are few, and this happens once a second.
    private func askRedis(_ nodes: ArraySlice<RedisAddress>, _ found: [(replication: String, run: String)]) {
        guard let node = nodes.first else {
            let sorted = found.sorted { $0.replication < $1.replication }
            let replication = sorted.map(\.replication).joined(separator: ",")
            let run = sorted.map(\.run).joined(separator: ",")
            return askPostgres(replication, run)
        }
        redis.send(RedisInfo.command(section: "server"), to: node) { [self] answer in
            guard let run = Self.info(answer)?.runID else { return fail() }
            redis.send(RedisInfo.command(section: "replication"), to: node) { [self] answer in
                guard let replication = Self.info(answer)?.replicationID else { return fail() }
                askRedis(nodes.dropFirst(), found + [(replication, run)])
            }
        }
    }

    private static func info(_ answer: LoopRedis.Answer) -> RedisInfo? {
        if case .success(let reply) = answer { reply.text.map { RedisInfo($0) } } else { nil }
    }

    private func askPostgres(_ replication: String, _ run: String) {
        guard !replication.isEmpty else { return fail() }
        // Read first: a row that is not changed is not written.
        postgres.run([PostgresQuery(BoardStatements.epoch)]) { [self] answer in
            guard case .success(let results) = answer, let row = results.first, let epoch = row.binaryInteger(0, 0)
            else {
                return fail()
            }
            if row.text(0, 1) == replication, row.text(0, 2) == run {
                return learn(epoch)
            }
            raise(replication, run)
        }
    }

    private func raise(_ replication: String, _ run: String) {
        let query = PostgresQuery(BoardStatements.raiseIfChanged) {
            $0.add(replication)
            $0.add(run)
        }
        postgres.run([query, PostgresQuery(BoardStatements.epoch)]) { [self] answer in
            guard case .success(let results) = answer, results.count == 2, let epoch = results[1].binaryInteger(0, 0)
            else { return fail() }
            if results[0].rowCount > 0 {
                log.info("the durable Redis is another one than before: boards are filled anew, epoch \(epoch)")
            }
            learn(epoch)
        }
    }

    private func learn(_ epoch: Int64) {
        current = epoch
        isAsking = false
        told()
    }

    private func fail() {
        // A database that is away changes nothing about boards that were trusted.
        isAsking = false
        if !redis.isUp { current = nil }
        told()
    }

    private func told() {
        let list = waiting
        waiting = []
        for body in list { body(current) }
    }
}
