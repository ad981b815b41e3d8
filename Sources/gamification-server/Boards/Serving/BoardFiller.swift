import Crypto
import EventLoop
import Lifecycle
import Observability
import Postgres
import Redis

/// Fills boards on the event loop, one after the other.
final class BoardFiller {
    typealias Run = ([PostgresQuery], @escaping (LoopPostgres.Answer) -> Void) -> Void

    /// Merchants that may wait; further ones are filled when they are asked for again.
    static let limit = 10_000

    private let redis: LoopRedis
    private let postgres: LoopPostgres
    private let epoch: BoardEpoch
    private let log: Logger
    private var waiting = Fifo<PostgresUUID>()
    private var known: Set<PostgresUUID> = []
    private var isBusy = false
    /// Boards that were filled since the start.
    let filled: Counter

    init(redis: LoopRedis, postgres: LoopPostgres, epoch: BoardEpoch, log: Logger, filled: Counter) {
        self.redis = redis
        self.postgres = postgres
        self.epoch = epoch
        self.log = log
        self.filled = filled
    }

    /// Has the board filled soon, unless it waits for that already.
    func want(_ merchant: PostgresUUID) {
        guard waiting.count < Self.limit, known.insert(merchant).inserted else { return }
        waiting.append(merchant)
        next()
    }

    private func next() {
        guard !isBusy, let merchant = waiting.popFirst() else { return }
        isBusy = true
        fill(merchant, unlessFilled: true, { [postgres] in postgres.run($0, $1) }) { [self] failure in
            if let failure {
                log.warning("a board could not be filled: \(failure)", [.string("merchant_id", "\(merchant)")])
            }
            known.remove(merchant)
            isBusy = false
            next()
        }
    }

    /// Fills a board; `done` is told why it is not filled, or nil. `unlessFilled`: not if it is filled in the present epoch, as
    /// it may be by now where that was the reason.
    func fill(
        _ merchant: PostgresUUID, unlessFilled: Bool = false, _ run: @escaping Run, _ done: @escaping (String?) -> Void
    ) {
        epoch.refresh { [self] epoch in
            guard let epoch else { return done("Redis or PostgreSQL is away") }
            guard let token = try? RandomBytes.hexadecimalID() else { return done("no entropy for a token") }
            let fill = BoardFill(merchant: merchant.description, token: token, epoch: epoch)
            let work = Work(merchant: merchant, run: run, done: done)
            guard unlessFilled else { return step(work, fill, fill.first) }
            let versions = BoardKeys(redis.keys, merchant: fill.merchant).versions
            send(work, [RedisCommand("HGET", key: versions, "filled")]) { [self] reply in
                if reply.number == epoch { done(nil) } else { step(work, fill, fill.first) }
            }
        }
    }

    private struct Work {
        let merchant: PostgresUUID
        let run: Run
        let done: (String?) -> Void
    }

    private func step(_ work: Work, _ fill: BoardFill, _ step: BoardFill.Step) {
        let keys = redis.keys
        switch step {
        case .done(.overtaken): work.done(nil)
        case .done(.filled):
            filled.add()
            work.done(nil)
        case .begin:
            send(work, [BoardScripts.begin(keys, merchant: fill.merchant, token: fill.token)]) { [self] _ in
                self.step(work, fill, fill.begun())
            }
        case .forgetRepair:
            ask(work, PostgresQuery(BoardStatements.forgetRepair) { $0.add(work.merchant) }) { [self] _ in
                self.step(work, fill, fill.forgotten())
            }
        case .read(let customer):
            let query = PostgresQuery(
                BoardStatements.totals,
                BoardStatements.totalsParameters(
                    merchant: work.merchant, after: customer, rows: BoardFill.pageSize))
            ask(work, query) { [self] result in
                var next = fill
                let step = next.read(BoardStatements.totals(result))
                self.step(work, next, step)
            }
        case .set(let totals):
            send(work, BoardScripts.setTotals(keys, merchant: fill.merchant, totals)) { [self] _ in
                self.step(work, fill, fill.set())
            }
        case .finish:
            let command = BoardScripts.finish(keys, merchant: fill.merchant, token: fill.token, epoch: fill.epoch)
            send(work, [command]) { [self] reply in
                self.step(work, fill, fill.finished(reply.number == 1))
            }
        }
    }

    private func ask(_ work: Work, _ query: PostgresQuery, _ then: @escaping (PostgresResult) -> Void) {
        work.run([query]) { answer in
            switch answer {
            case .failure(let error): work.done("\(error)")
            case .success(let results):
                if let result = results.first { then(result) } else { work.done("the database gave no answer") }
            }
        }
    }

    /// Sends commands, and goes on with the last reply when all have been answered.
    private func send(_ work: Work, _ commands: [RedisCommand], _ then: @escaping (RedisReply) -> Void) {
        var left = commands.count
        var failure: RedisError?
        for command in commands {
            redis.send(command) { answer in
                left -= 1
                failure = answer.failure ?? failure
                guard left == 0 else { return }
                if let failure { work.done("\(failure)") } else if case .success(let reply) = answer { then(reply) }
            }
        }
    }
}
