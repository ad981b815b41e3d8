package import CommandLine

extension Flag {
    /// `--redis HOST:PORT`, or some nodes of a cluster; else GAMIFICATION_REDIS_HOST and _PORT.
    package static let redis = Flag(
        "redis", placeholder: "HOST:PORT", section: "Connection",
        help: "Redis with the caches, or some nodes of its cluster, separated by commas",
        detail: """
            Without the flag, GAMIFICATION_REDIS_HOST and GAMIFICATION_REDIS_PORT hold, then the configuration file. The \
            port is 6381 unless one is given. Whether it is a cluster is asked of it.
            """)

    /// `--redis-user`.
    package static let redisUser = Flag(
        "redis-user", placeholder: "NAME", env: "GAMIFICATION_REDIS_USER", section: "Connection",
        help: "ACL user for Redis; without it the default user")

    /// `--redis-password-file`.
    package static let redisPassword = Flag(
        "redis-password-file", kind: .secretFile, placeholder: "FILE", env: "GAMIFICATION_REDIS_PASSWORD",
        section: "Connection", help: "File with the password for Redis")

    /// `--redis-key-style`.
    package static let redisKeyStyle = Flag(
        "redis-key-style", env: "GAMIFICATION_REDIS_KEY_STYLE", default: "auto", choices: ["auto", "plain", "tagged"],
        section: "Connection", help: "How names of keys are spelled",
        detail: """
            plain is leaderboard:m1, tagged leaderboard:{m1}, which a cluster needs so that one merchant's keys are in \
            one place. auto asks the server whether it is a cluster.
            """)

    /// `--redis-durable HOST:PORT`; else GAMIFICATION_REDIS_DURABLE_HOST and _PORT; else the same as `--redis`.
    package static let redisDurable = Flag(
        "redis-durable", placeholder: "HOST:PORT", section: "Connection",
        help: "Redis with what must not be evicted; without it the one with the caches",
        detail: """
            Processed events, revoked tokens and boards. Without the flag, GAMIFICATION_REDIS_DURABLE_HOST and \
            GAMIFICATION_REDIS_DURABLE_PORT hold. Where both are one server its policy should be noeviction.
            """)

    /// `--redis-durable-user`.
    package static let redisDurableUser = Flag(
        "redis-durable-user", placeholder: "NAME", env: "GAMIFICATION_REDIS_DURABLE_USER", section: "Connection",
        help: "ACL user for the Redis of --redis-durable; without it that of --redis")

    /// `--redis-durable-password-file`.
    package static let redisDurablePassword = Flag(
        "redis-durable-password-file", kind: .secretFile, placeholder: "FILE",
        env: "GAMIFICATION_REDIS_DURABLE_PASSWORD", section: "Connection",
        help: "File with the password for the Redis of --redis-durable; without it that of --redis")

    /// What a program needs that uses the caches alone.
    package static let redisCaches: [Flag] = [.redis, .redisUser, .redisPassword, .redisKeyStyle]

    /// What a program needs that uses both.
    package static let redisBoth: [Flag] =
        redisCaches + [.redisDurable, .redisDurableUser, .redisDurablePassword]

    // Environment variables without a flag of their own: the plan has host and port apart.
    static let redisHost = Flag.variable("GAMIFICATION_REDIS_HOST", of: .redis)
    static let redisPort = Flag.variable("GAMIFICATION_REDIS_PORT", of: .redis)
    static let redisDurableHost = Flag.variable("GAMIFICATION_REDIS_DURABLE_HOST", of: .redisDurable)
    static let redisDurablePort = Flag.variable("GAMIFICATION_REDIS_DURABLE_PORT", of: .redisDurable)

    /// A value that only the environment gives. It has the name of the flag that goes before it, for messages, and
    /// stands in no table.
    private static func variable(_ name: String, of flag: Flag) -> Flag {
        Flag(flag.long, env: name, inFile: false, section: flag.section, help: flag.help)
    }
}
