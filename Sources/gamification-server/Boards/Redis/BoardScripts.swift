import Redis

/// What changes a board in Redis. Every change is idempotent and may come in any order: totals are absolute and carry a version,
/// and an older version never replaces a newer one.
enum BoardScripts {
    /// Totals that one call of the script takes: Lua's stack bounds it, and so does the time that Redis gives to one script.
    static let batchLimit = 500

    /// Sets absolute totals: each unless the board has it in that version or a newer one. The reply to each command is how many
    /// it set. A customer stands in `totals` once at most.
    static func setTotals(_ keys: RedisKeys, merchant: String, _ totals: some Collection<BoardTotal>) -> [RedisCommand]
    {
        let keys = BoardKeys(keys, merchant: merchant).both
        var commands: [RedisCommand] = []
        var rest = totals[...]
        while !rest.isEmpty {
            var arguments: [String] = []
            let batch = rest.prefix(batchLimit)
            arguments.reserveCapacity(batch.count * 3)
            for total in batch {
                arguments.append(total.customer)
                arguments.append(String(total.points))
                arguments.append(String(total.version))
            }
            commands.append(RedisCommand(set, keys: keys, arguments: arguments))
            rest = rest.dropFirst(batch.count)
        }
        return commands
    }

    /// Empties a board that `token` is going to fill. The reply is 1.
    static func begin(_ keys: RedisKeys, merchant: String, token: String) -> RedisCommand {
        RedisCommand(empty, keys: BoardKeys(keys, merchant: merchant).both, arguments: [token])
    }

    /// Says that the board is filled, as of `epoch`. The reply is 0, and nothing is said, if another filler has begun since, or
    /// Redis has lost the board.
    static func finish(_ keys: RedisKeys, merchant: String, token: String, epoch: Int64) -> RedisCommand {
        RedisCommand(filled, keys: BoardKeys(keys, merchant: merchant).both, arguments: [token, String(epoch)])
    }

    private static let set = RedisScript(
        """
        local ids = {}
        for i = 1, #ARGV / 3 do ids[i] = ARGV[i * 3 - 2] end
        local known = redis.call('HMGET', KEYS[2], unpack(ids))
        local versions, scores = {}, {}
        for i = 1, #ids do
            local version = ARGV[i * 3]
            if not known[i] or tonumber(known[i]) < tonumber(version) then
                versions[#versions + 1] = ids[i]
                versions[#versions + 1] = version
                scores[#scores + 1] = ARGV[i * 3 - 1]
                scores[#scores + 1] = ids[i]
            end
        end
        if #scores == 0 then return 0 end
        redis.call('HSET', KEYS[2], unpack(versions))
        redis.call('ZADD', KEYS[1], unpack(scores))
        return #scores / 2
        """)

    private static let empty = RedisScript(
        """
        redis.call('UNLINK', KEYS[1], KEYS[2])
        return redis.call('HSET', KEYS[2], 'filling', ARGV[1])
        """)

    private static let filled = RedisScript(
        """
        if redis.call('HGET', KEYS[2], 'filling') ~= ARGV[1] then return 0 end
        redis.call('HDEL', KEYS[2], 'filling')
        redis.call('HSET', KEYS[2], 'filled', ARGV[2])
        return 1
        """)
}
