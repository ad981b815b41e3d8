import Redis

/// What reads a board in Redis.
///
/// A board's order is points falling, customers rising; Redis' own order from the top has the customers of equal points falling.
/// Members of equal points take the same places in both, so a page is read in Redis' order and every group of equal points in
/// it turned round; of the first and last group, which the page may cut, the right part is read.
enum BoardQueries {
    /// The page that follows a place of the board. The reply is null if the board was not filled in `epoch`.
    static func page(_ keys: RedisKeys, merchant: String, epoch: Int64, after place: BoardPlace?, size: Int)
        -> RedisCommand
    {
        RedisCommand(
            read, keys: BoardKeys(keys, merchant: merchant).both,
            arguments: [
                String(epoch), String(size), "after", place?.customer ?? "", place.map { String($0.points) } ?? "",
            ])
    }

    /// The page in whose middle a customer is. The reply is null if the board was not filled in `epoch`.
    static func around(_ keys: RedisKeys, merchant: String, epoch: Int64, customer: String, size: Int) -> RedisCommand {
        RedisCommand(
            read, keys: BoardKeys(keys, merchant: merchant).both,
            arguments: [String(epoch), String(size), "around", customer])
    }

    /// What the board has of these customers, at one moment; see ``BoardMember/list(_:count:)``. At most as many as
    /// ``BoardScripts/batchLimit``.
    static func entries(_ keys: RedisKeys, merchant: String, customers: [String]) -> RedisCommand {
        RedisCommand(readEntries, keys: BoardKeys(keys, merchant: merchant).both, arguments: customers)
    }

    private static let readEntries = RedisScript(
        """
        local scores = redis.call('ZMSCORE', KEYS[1], unpack(ARGV))
        local versions = redis.call('HMGET', KEYS[2], unpack(ARGV))
        return {scores, versions}
        """)

    /// Replies {total, first place from 0 (-1: no such customer), members with more points than the first entry, member, points …}.
    private static let read = RedisScript(
        """
        if redis.call('HGET', KEYS[2], 'filled') ~= ARGV[1] then return false end
        local size, mode, member = tonumber(ARGV[2]), ARGV[3], ARGV[4]
        local total = redis.call('ZCARD', KEYS[1])
        local function above(score) return redis.call('ZCOUNT', KEYS[1], '(' .. score, '+inf') end
        local function equal(score) return redis.call('ZCOUNT', KEYS[1], score, score) end
        -- Places of one group from `from` to `to`, counted from 0 within it.
        local function group(score, from, to)
            local lowest = total - above(score) - equal(score)
            return redis.call('ZRANGE', KEYS[1], lowest + from, lowest + to)
        end
        local start = 0
        if mode == 'around' then
            local score = redis.call('ZSCORE', KEYS[1], member)
            if not score then return {total, -1, 0} end
            local lowest = total - above(score) - equal(score)
            local place = above(score) + redis.call('ZRANK', KEYS[1], member) - lowest
            start = math.max(0, math.min(place - math.floor((size - 1) / 2), total - size))
        elseif member ~= '' then
            local score = ARGV[5]
            -- How many of the group are not behind the place: it may have no member there any more.
            local low, high = 0, equal(score)
            while low < high do
                local middle = math.floor((low + high) / 2)
                if group(score, middle, middle)[1] <= member then low = middle + 1 else high = middle end
            end
            start = above(score) + low
        end
        local found = redis.call('ZREVRANGE', KEYS[1], start, start + size - 1, 'WITHSCORES')
        local count = #found / 2
        local reply = {total, start, 0}
        local at = 1
        while at <= count do
            local score = found[at * 2]
            local last = at
            while last < count and found[last * 2 + 2] == score do last = last + 1 end
            local first = at == 1 and above(score) or start + at - 1
            if at == 1 then reply[3] = first end
            if last == at and at > 1 and last < count then
                reply[#reply + 1] = found[at * 2 - 1]
                reply[#reply + 1] = score
            else
                for _, id in ipairs(group(score, start + at - 1 - first, start + last - 1 - first)) do
                    reply[#reply + 1] = id
                    reply[#reply + 1] = score
                end
            end
            at = last + 1
        end
        return reply
        """)
}

/// What a board has of a customer; nil what it has not.
struct BoardMember: Sendable, Equatable {
    let points: Int64?
    let version: Int64?

    /// The reply to ``BoardQueries/entries(_:merchant:customers:)``; nil if it is none.
    static func list(_ reply: RedisReply, count: Int) -> [BoardMember]? {
        guard let parts = reply.elements, parts.count == 2, let scores = parts[0].elements,
            let versions = parts[1].elements, scores.count == count, versions.count == count
        else { return nil }
        return zip(scores, versions).map { BoardMember(points: $0.number, version: $1.number) }
    }
}
