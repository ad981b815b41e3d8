package import Redis

/// What `--redis-key-style` says.
package enum KeyStyleChoice: String, Sendable, CaseIterable {
    /// As the server is: tagged for a cluster, plain for one server.
    case auto
    case plain
    case tagged

    /// The spelling for a server that is one of a cluster, or is not.
    package func style(isCluster: Bool) -> RedisKeyStyle {
        switch self {
        case .auto: isCluster ? .tagged : .plain
        case .plain: .plain
        case .tagged: .tagged
        }
    }
}
