/// Takes a cached value away, and with it the token of whoever is filling it.
package enum CacheInvalidation {
    /// The commands that invalidate the key `name`: the `fill:` name is unlinked, and the cached name unless it holds
    /// `current`, the value that it should hold; with nil, in any case. One script, so that no filler comes in between;
    /// its reply is how many names were unlinked.
    ///
    /// Where the two names are in different slots of a cluster (plain spelling, or a translation key that begins with a
    /// closing brace) there are two commands, which unlink both whatever they hold; such a key is never filled there,
    /// see ``CacheFill/isPossible(inCluster:)``.
    package static func commands(
        of name: String, unless current: String?, inCluster isCluster: Bool
    ) -> [RedisCommand] {
        let fill = RedisKeys.fill(name)
        guard !isCluster || RedisKeys.sharesSlot(name, fill) else {
            return [RedisCommand("UNLINK", key: fill), RedisCommand("UNLINK", key: name)]
        }
        guard let current else { return [RedisCommand(unlinkBoth, keys: [fill, name])] }
        return [RedisCommand(unlinkUnless, keys: [fill, name], arguments: [current])]
    }

    /// The same for many keys on a server that is no cluster: one script for up to 32 of them.
    package static func commands(of keys: [(name: String, current: String?)]) -> [RedisCommand] {
        stride(from: 0, to: keys.count, by: 32).map { start in
            let lot = keys[start..<min(keys.count, start + 32)]
            return RedisCommand(
                unlinkMany, keys: lot.flatMap { [RedisKeys.fill($0.name), $0.name] },
                // No value is empty: it has a version before it.
                arguments: lot.map { $0.current ?? "" })
        }
    }

    private static let unlinkMany = RedisScript(
        """
        local gone = {}
        for i, current in ipairs(ARGV) do
            local name = KEYS[2 * i]
            gone[#gone + 1] = KEYS[2 * i - 1]
            if current == '' or redis.pcall('GET', name) ~= current then gone[#gone + 1] = name end
        end
        return redis.call('UNLINK', unpack(gone))
        """)

    private static let unlinkBoth = RedisScript("return redis.call('UNLINK', KEYS[1], KEYS[2])")

    private static let unlinkUnless = RedisScript(
        """
        local gone = redis.call('UNLINK', KEYS[1])
        local kind = redis.call('TYPE', KEYS[2]).ok
        if kind == 'string' and redis.call('GET', KEYS[2]) == ARGV[1] then return gone end
        return gone + redis.call('UNLINK', KEYS[2])
        """)
}
