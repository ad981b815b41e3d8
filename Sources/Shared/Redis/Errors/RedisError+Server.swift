extension RedisError {
    /// What a server answered instead of a reply.
    init(_ error: RedisServerError, node: RedisAddress) {
        let code = error.code
        let kind = Self.kinds[code] ?? .server
        self.init(kind, Self.words(for: kind) ?? "\(error)", outcome: .refused, node: node)
        if Self.words(for: kind) != nil { reason += " [\(code)]" }
        self.code = code
    }

    /// Codes of redis.io and valkey.io with a meaning of their own.
    private static let kinds: [String: Kind] = [
        "NOAUTH": .authentication, "WRONGPASS": .authentication, "NOPERM": .authorization,
        "LOADING": .notReady, "BUSY": .notReady, "MASTERDOWN": .notReady, "READONLY": .readOnly, "OOM": .outOfMemory,
        "NOSCRIPT": .noScript, "CLUSTERDOWN": .clusterDown, "TRYAGAIN": .clusterDown, "CROSSSLOT": .crossSlot,
        "MOVED": .redirections, "ASK": .redirections, "WRONGTYPE": .wrongType,
    ]

    private static func words(for kind: Kind) -> String? {
        switch kind {
        case .authentication: "user or password are refused, or a password is needed and none was given"
        case .notReady: "the server is not ready"
        case .readOnly: "the server is a replica and takes no writes"
        case .outOfMemory: "the server has no memory left for a write"
        case .noScript: "the server does not know the script"
        case .clusterDown: "the cluster does not serve this key now"
        case .crossSlot: "the keys of one command lie in several slots"
        case .redirections: "the cluster serves this key elsewhere"
        case .wrongType: "a key holds a value of another type"
        default: nil
        }
    }
}
