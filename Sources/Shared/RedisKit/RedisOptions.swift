package import CommandLine
import Configuration
package import Redis

/// How to reach Redis: the same flags in every program, each of which takes those that it needs.
package struct RedisOptions: Sendable {
    /// The plan's port.
    static let defaultPort = 6_381

    /// Where the caches are: nil if none was named, or after a mistake that the reader has noted.
    package let caches: RedisConfiguration?
    /// Where the things are that must not be evicted: the same as the caches unless something else was named.
    package let durable: RedisConfiguration?
    /// How names are spelled.
    package let keyStyle: KeyStyleChoice

    /// Reads the flags, noting every mistake in `reader`.
    ///
    /// - Parameters:
    ///   - program: what CLIENT LIST shows.
    ///   - reason: why the command cannot do without; nil if it can.
    package init(_ reader: inout OptionReader, program: String, neededBecause reason: String? = nil) {
        keyStyle = reader.choice(.redisKeyStyle, as: KeyStyleChoice.self, placeholder: .auto)
        let user = reader.optionalText(.redisUser)
        let password = reader.secret(.redisPassword)
        let mistakes = reader.problems.count
        let seeds = Self.servers(&reader, .redis, .redisHost, .redisPort)
        if seeds.isEmpty, let reason, reader.problems.count == mistakes {
            reader.report(.redis, "is needed \(reason): give --redis HOST:PORT, or set GAMIFICATION_REDIS_HOST")
        }
        let caches = Self.configuration(seeds, user, password, program)
        self.caches = caches
        guard reader.command.flags.contains(where: { $0.long == Flag.redisDurable.long }) else {
            durable = caches
            return
        }
        let other = Self.servers(&reader, .redisDurable, .redisDurableHost, .redisDurablePort)
        let otherUser = reader.optionalText(.redisDurableUser)
        let otherPassword = reader.secret(.redisDurablePassword)
        durable =
            other.isEmpty
            ? caches : Self.configuration(other, otherUser ?? user, otherPassword ?? password, program)
    }

    private static func configuration(
        _ seeds: [RedisAddress], _ user: String?, _ password: Secret?, _ program: String
    ) -> RedisConfiguration? {
        guard !seeds.isEmpty else { return nil }
        var configuration = RedisConfiguration(seeds, clientName: program)
        configuration.user = user
        configuration.password = password
        return configuration
    }

    /// The servers that flag, variables or file name, by that precedence.
    private static func servers(
        _ reader: inout OptionReader, _ flag: Flag, _ host: Flag, _ port: Flag
    ) -> [RedisAddress] {
        let given = reader.values(of: flag).last
        if given?.origin != .flag, let name = reader.values(of: host).last {
            let number = reader.optionalInteger(port, in: 1...65_535) ?? defaultPort
            return read(&reader, host, name.text, defaultPort: number)
        }
        guard let given else { return [] }
        return read(&reader, flag, given.text, defaultPort: defaultPort)
    }

    private static func read(
        _ reader: inout OptionReader, _ flag: Flag, _ text: String, defaultPort: Int
    ) -> [RedisAddress] {
        if text.hasPrefix("rediss:") {
            reader.report(
                flag,
                "asks for TLS, which hiredis \(HiredisLibrary.version), with which this program was built, does not have:"
                    + " give HOST:PORT of a server in a network that is trusted, or of a local stunnel")
            return []
        }
        if text.hasPrefix("redis:") {
            reader.report(flag, "is not a URL here: give HOST:PORT")
            return []
        }
        do throws(ValueError) {
            let servers = try HostPort.list(text, defaultPort: defaultPort)
            return servers.map { RedisAddress(host: $0.host, port: $0.port) }
        } catch {
            reader.report(flag, error.description)
            return []
        }
    }
}
