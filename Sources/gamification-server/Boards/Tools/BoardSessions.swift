import Configuration
import Crypto
import Postgres
import Redis
import RedisKit

/// Both places of the boards, for a tool that has a thread to block.
struct BoardSessions {
    let postgres: PostgresSession
    let redis: RedisSession
    let keys: RedisKeys

    /// Connects to both.
    /// - Throws: `PostgresError`, `RedisError`.
    init(
        postgres: PostgresConfiguration, redis: RedisConfiguration, style: KeyStyleChoice,
        isStopped: @escaping @Sendable () -> Bool
    ) throws {
        // An audit reads whole tables.
        self.postgres = try PostgresSession(
            postgres, patience: .init(answer: .seconds(3_600), isStopped: isStopped))
        self.redis = try RedisSession(redis, isStopped: isStopped)
        keys = RedisKeys(style.style(isCluster: self.redis.isCluster))
    }

    init(postgres: PostgresSession, redis: RedisSession, keys: RedisKeys) {
        self.postgres = postgres
        self.redis = redis
        self.keys = keys
    }

    /// The present epoch.
    func epoch() throws -> Int64 {
        try postgres.query(BoardStatements.epoch, format: .binary).binaryInteger(0, 0) ?? 0
    }

    /// Merchants after this one that have points, at most 1,000, in order.
    func merchants(after merchant: PostgresUUID?) throws -> [PostgresUUID] {
        var parameters = PostgresParameters()
        parameters.add(merchant?.description)
        let result = try postgres.query(BoardAudit.merchants, parameters, format: .binary)
        return (0..<result.rowCount).compactMap { result.binaryUUID($0, 0) }
    }

    /// A page of totals.
    func totals(_ merchant: PostgresUUID, after customer: String?, rows: Int) throws -> [BoardTotal] {
        BoardStatements.totals(
            try postgres.query(
                BoardStatements.totals,
                BoardStatements.totalsParameters(merchant: merchant, after: customer, rows: rows), format: .binary))
    }

    /// Whether the board was filled in `epoch`.
    func isFilled(_ merchant: PostgresUUID, epoch: Int64) throws -> Bool {
        let names = BoardKeys(keys, merchant: merchant.description)
        return try redis.run(RedisCommand("HGET", key: names.versions, "filled")).number == epoch
    }

    /// Fills a board anew while updates go on.
    /// - Throws: `PostgresError`, `RedisError`, `CryptoError`.
    func fill(_ merchant: PostgresUUID, epoch: Int64) throws -> BoardFill.Outcome {
        let name = merchant.description
        var fill = BoardFill(merchant: name, token: try RandomBytes.hexadecimalID(), epoch: epoch)
        var step = fill.first
        while true {
            switch step {
            case .begin:
                try redis.run(BoardScripts.begin(keys, merchant: name, token: fill.token))
                step = fill.begun()
            case .forgetRepair:
                var parameters = PostgresParameters()
                parameters.add(merchant)
                try postgres.query(BoardStatements.forgetRepair, parameters)
                step = fill.forgotten()
            case .read(let customer):
                step = fill.read(try totals(merchant, after: customer, rows: BoardFill.pageSize))
            case .set(let totals):
                for result in try redis.run(pipeline: BoardScripts.setTotals(keys, merchant: name, totals)) {
                    _ = try result.get()
                }
                step = fill.set()
            case .finish:
                let command = BoardScripts.finish(keys, merchant: name, token: fill.token, epoch: epoch)
                step = fill.finished(try redis.run(command).number == 1)
            case .done(let outcome): return outcome
            }
        }
    }
}
