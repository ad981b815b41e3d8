package import Configuration

/// How to reach a server or a cluster.
package struct RedisConfiguration: Sendable {
    /// The protocol that is spoken.
    package enum Version: Sendable, Equatable {
        /// Every server speaks it, and nothing here needs more.
        case resp2
        /// HELLO 3; needs hiredis 1.0 or newer, see ``HiredisLibrary/hasRESP3``.
        case resp3
    }

    /// Where to ask first: one server, or some nodes of a cluster. 1 to 100.
    package let seeds: [RedisAddress]
    /// The ACL user; nil is the default user.
    package var user: String?
    /// Nil where none is needed.
    package var password: Secret?
    /// The database, 0 to 15 unless the server has more. A cluster has 0 alone.
    package var database = 0
    /// What CLIENT LIST shows.
    package var clientName: String
    /// The protocol that is asked for.
    package var version = Version.resp2

    /// How long connecting may take, greeting included.
    package var connectTimeout = Duration.seconds(2)
    /// How long a command may wait for its answer once it is sent; then the connection is given up.
    package var answerTimeout = Duration.seconds(5)
    /// How long a command may wait to be sent, redirections and a failover included.
    package var patience = Duration.seconds(10)
    /// The pauses between attempts to connect, in milliseconds.
    package var firstPause: Int64 = 50
    /// The longest of them.
    package var longestPause: Int64 = 2_000
    /// Commands under way, at most; beyond, `submit` throws an error of kind `limit`.
    package var commandLimit = 20_000
    /// Bytes of commands under way, at most.
    package var byteLimit = 32 << 20
    /// Times that a command may be sent on by a cluster.
    package var redirectionLimit = 8
    /// What one reply may have at most, in bytes.
    package var replyLimit = 16 << 20

    /// The server or cluster at `seeds`.
    package init(_ seeds: [RedisAddress], clientName: String) {
        self.seeds = seeds
        self.clientName = clientName
    }

    /// Whether this can be used at all.
    /// - Throws: `RedisError` of kind `configuration`.
    func check() throws(RedisError) {
        guard !seeds.isEmpty, seeds.count <= 100 else { throw RedisError(.configuration, "no server is named") }
        guard version == .resp2 || HiredisLibrary.hasRESP3 else {
            throw RedisError(
                .configuration,
                "RESP3 needs hiredis 1.0 or newer, and this program was built with \(HiredisLibrary.version)")
        }
    }
}
