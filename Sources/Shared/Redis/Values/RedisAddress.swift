/// Where a server listens.
package struct RedisAddress: Sendable, Hashable, CustomStringConvertible {
    /// A name or address; IPv6 addresses without brackets.
    package let host: String
    /// 1 to 65535.
    package let port: Int

    /// The address of `host` and `port`.
    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// `host:port`, with brackets around IPv6 addresses.
    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Reads the `host:port` of a redirection, in which IPv6 addresses have no brackets. An empty host, and `?`, mean
    /// the one that was asked. Nil if it is none.
    init?(redirection text: some StringProtocol, askedAt asked: RedisAddress) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]) else { return nil }
        self.init(host: String(text[..<colon]), port: Int64(port), askedAt: asked)
    }

    /// An address as a slot map names it; nil if it is none.
    init?(host: String, port: Int64, askedAt asked: RedisAddress) {
        guard (1...65_535).contains(port), host.utf8.count <= 255,
            host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return nil }
        self.init(host: host.isEmpty || host == "?" ? asked.host : host, port: Int(port))
    }
}
