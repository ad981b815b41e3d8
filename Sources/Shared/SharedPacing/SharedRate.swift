import Redis

/// The script behind a rate that copies share: GCRA on Redis' clock. The key holds when the next event is due and, of
/// every copy, its share of the work and when it was last heard of.
///
/// A copy is granted what is due, whoever asks first, so that copies with much to do get what others leave. What Redis
/// gives out together is the rate times the shares of the copies heard of lately: a copy that has gone, or cannot reach
/// Redis, keeps its share for itself (see ``SharedSchedule``), and the sum never exceeds the rate.
enum SharedRate {
    /// A copy not heard of for so long, in microseconds, has no part any more.
    static let silence: Int64 = 5_000_000
    /// What was due longer ago, in microseconds, is forfeited. It bounds every burst.
    static let catchUp: Int64 = 250_000

    /// The name of the key of a run.
    static func key(run: String) -> String { "rate:{\(run)}" }

    /// Asks for up to `limit` events a second at `rate` times `share`, for the copy of this id; its answer is
    /// ``Answer``.
    static func ask(run: String, copy: String, share: Double, rate: Double, limit: Int) -> RedisCommand {
        RedisCommand(
            script, keys: [key(run: run)],
            arguments: [copy, "\(share)", "\(rate)", "\(limit)", "\(silence)", "\(catchUp)"])
    }

    /// Takes a copy out, so that the others need not wait until it is forgotten.
    static func leave(run: String, copy: String) -> RedisCommand {
        RedisCommand("HDEL", key: key(run: run), "copy:\(copy)")
    }

    /// What the script answers.
    struct Answer: Equatable {
        /// Events granted.
        var granted: Int
        /// Microseconds until the next one is due; nil if none ever is at this rate.
        var wait: Int64?

        init(granted: Int, wait: Int64?) {
            self.granted = granted
            self.wait = wait
        }

        /// Nil if it is none.
        init?(_ reply: RedisReply) {
            guard let fields = reply.elements, fields.count == 2, let granted = fields[0].number,
                let wait = fields[1].number, granted >= 0
            else { return nil }
            self.init(granted: Int(clamping: granted), wait: wait < 0 ? nil : wait)
        }
    }

    // Times are microseconds since 1970, below 2^53. A clock that goes back holds the next event up for one interval at
    // most.
    private static let script = RedisScript(
        """
        local copy, share, rate, limit = 'copy:' .. ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
        local silence, catchUp = tonumber(ARGV[5]), tonumber(ARGV[6])
        local time = redis.call('TIME')
        local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
        local due, sum = now, share
        local all = redis.call('HGETALL', KEYS[1])
        for i = 1, #all, 2 do
            if all[i] == 'due' then
                due = tonumber(all[i + 1])
            elseif all[i] ~= copy then
                local part, seen = string.match(all[i + 1], '^(%S+) (%S+)$')
                if math.abs(now - tonumber(seen)) >= silence then
                    redis.call('HDEL', KEYS[1], all[i])
                else
                    sum = sum + tonumber(part)
                end
            end
        end
        redis.call('HSET', KEYS[1], copy, ARGV[2] .. ' ' .. string.format('%.0f', now))
        local total = rate * math.min(sum, 1)
        if total <= 0 then
            redis.call('PEXPIRE', KEYS[1], math.ceil(silence / 500))
            return {0, -1}
        end
        local step = 1000000 / total
        due = math.max(math.min(due, now + step), now - catchUp)
        local granted = 0
        if due <= now then
            granted = math.min(limit, math.floor((now - due) / step) + 1)
            due = due + granted * step
        end
        redis.call('HSET', KEYS[1], 'due', string.format('%.17g', due))
        redis.call('PEXPIRE', KEYS[1], math.ceil(math.max(silence, step) / 500))
        return {granted, math.max(0, math.ceil(due - now))}
        """)
}
