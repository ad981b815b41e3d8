/// An error of a Redis server, of the way to it, or of how it was asked. Its text holds no key and no value.
package struct RedisError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong, as far as the caller's next step depends on it.
    package enum Kind: Sendable, Equatable {
        /// How the module was configured or used is wrong.
        case configuration
        /// No server could be reached in time.
        case unreachable
        /// User or password are refused, or needed and not given.
        case authentication
        /// The user may not run the command or touch the key.
        case authorization
        /// The connection broke before the answer.
        case connectionLost
        /// No answer in time; the connection was given up.
        case timedOut
        /// What came is no reply, or one beyond every bound; the connection was given up.
        case protocolViolation
        /// Not sent, because too much is under way already.
        case limit
        /// The server reads its data set (LOADING), or is held up by a script (BUSY) or by its master (MASTERDOWN).
        case notReady
        /// The server is a replica.
        case readOnly
        /// The server has no memory left for a write.
        case outOfMemory
        /// The server does not know the script, and the caller did not give its text.
        case noScript
        /// The cluster serves the slot by no node now (CLUSTERDOWN, TRYAGAIN).
        case clusterDown
        /// Keys of one command lie in several slots.
        case crossSlot
        /// The cluster sent the command from node to node too often.
        case redirections
        /// The key holds a value of another type.
        case wrongType
        /// An answer of a kind that the command does not have.
        case unexpectedReply
        /// Ended by this program.
        case cancelled
        /// Any other error of the server.
        case server
    }

    /// Whether the command did anything.
    package enum Outcome: Sendable, Equatable {
        /// It did not run.
        case notRun
        /// It was sent, and whether it ran is not known.
        case unknown
        /// The server answered with an error. A script may have written before it failed; no other command has.
        case refused
    }

    /// What went wrong, in kind.
    package var kind: Kind
    /// Whether the command did anything.
    package var outcome: Outcome
    /// What happened, one line.
    package var reason: String
    /// The server's code, for example `OOM`; nil where no server reported the error.
    package var code: String?
    /// The server concerned.
    package var node: RedisAddress?

    /// An error that no server reported.
    package init(_ kind: Kind, _ reason: String, outcome: Outcome = .notRun, node: RedisAddress? = nil) {
        self.kind = kind
        self.reason = reason
        self.outcome = outcome
        self.node = node
    }

    /// The same command may succeed when it is tried again as it is. Where the outcome is `unknown` that is only right
    /// for one that may run twice.
    package var isRetriable: Bool {
        switch kind {
        case .unreachable, .connectionLost, .timedOut, .limit, .notReady, .clusterDown, .redirections: true
        default: false
        }
    }

    /// The same about a command that is known to have been sent, or not.
    func with(outcome: Outcome) -> RedisError {
        var copy = self
        copy.outcome = outcome
        return copy
    }

    /// One line: where, what happened, the server's code, and what helps.
    package var description: String {
        var text = node.map { "\($0): \(reason)" } ?? reason
        if outcome == .unknown { text += "; whether the command ran is not known" }
        if let advice { text += "; \(advice)" }
        return text
    }

    private var advice: String? {
        switch kind {
        case .authentication: "check the user, and the password in the file or in GAMIFICATION_REDIS_PASSWORD"
        case .authorization: "the user's ACL needs the command and the keys, see docs/redis.md"
        case .readOnly: "name the primary, not a replica"
        case .outOfMemory: "raise maxmemory, or check the eviction policy"
        default: nil
        }
    }
}
