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

    private static let unlinkBoth = RedisScript("return redis.call('UNLINK', KEYS[1], KEYS[2])")

    private static let unlinkUnless = RedisScript(
        """
        local gone = redis.call('UNLINK', KEYS[1])
        local kind = redis.call('TYPE', KEYS[2]).ok
        if kind == 'string' and redis.call('GET', KEYS[2]) == ARGV[1] then return gone end
        return gone + redis.call('UNLINK', KEYS[2])
        """)
}
