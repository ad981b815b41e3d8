package import Crypto

/// A cached value that is being read from the database: begun before the read, stored after it unless an invalidation
/// came in between.
///
/// The `fill:` name holds the filler's token. An invalidation unlinks it with the cached name, in one script, so a
/// value that was read before a change is never stored after the change was announced.
package struct CacheFill: Sendable {
    private let name: String
    private let token: String

    /// A fill of the key `name`, a translation's or an eligibility's.
    /// - Throws: `CryptoError` when there is no entropy for the token.
    package init(of name: String) throws(CryptoError) {
        self.name = name
        token = try RandomBytes.hexadecimalID()
    }

    /// Whether the name can be filled at all: in a cluster both names must be in one slot.
    package func isPossible(inCluster isCluster: Bool) -> Bool {
        !isCluster || RedisKeys.sharesSlot(name, RedisKeys.fill(name))
    }

    /// Begins: `OK` if this filler may fill, null if another is at it.
    package var begin: RedisCommand {
        var command = RedisCommand("SET", key: RedisKeys.fill(name), token, "NX", "EX")
        command.add(Int64(TimeToLive.fill))
        return command
    }

    /// Stores a string that lives `seconds`: 1 if it was stored, 0 if the fill was overtaken.
    package func store(_ value: String, seconds: Int) -> RedisCommand {
        RedisCommand(
            Self.storeString, keys: [RedisKeys.fill(name), name], arguments: [token, "\(seconds)", value])
    }

    /// Stores a hash that lives `seconds`: 1 if it was stored, 0 if the fill was overtaken.
    package func store(_ fields: [(name: String, value: String)], seconds: Int) -> RedisCommand {
        RedisCommand(
            Self.storeHash, keys: [RedisKeys.fill(name), name],
            arguments: [token, "\(seconds)"] + fields.flatMap { [$0.name, $0.value] })
    }

    private static let storeString = RedisScript(
        """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        redis.call('SET', KEYS[2], ARGV[3], 'EX', ARGV[2])
        redis.call('DEL', KEYS[1])
        return 1
        """)

    private static let storeHash = RedisScript(
        """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        redis.call('DEL', KEYS[2])
        redis.call('HSET', KEYS[2], unpack(ARGV, 3))
        redis.call('EXPIRE', KEYS[2], ARGV[2])
        redis.call('DEL', KEYS[1])
        return 1
        """)
}
