import Configuration

/// A server's host and port.
package struct HostPort: Sendable, Hashable, CustomStringConvertible {
    /// A name or address; IPv6 addresses without brackets.
    package let host: String
    /// 1 to 65535.
    package let port: Int

    /// The server at `host` and `port`, unchecked.
    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `host:port`, `[::1]:port`, or a host alone where there is a `defaultPort`.
    /// - Throws: `ValueError` naming the part that is wrong.
    package init(_ text: String, defaultPort: Int? = nil) throws(ValueError) {
        let (host, port) = try Self.split(text)
        let isLegal = host.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"/@[],\\\"'".utf8.contains($0) }
        guard isLegal, (1...255).contains(host.utf8.count) else {
            throw ValueError(text, isNot: "a server", give: "HOST:PORT, for example kafka-1:9092")
        }
        guard let port = port.map({ $0.utf8.count <= 5 ? Int($0) : nil }) ?? defaultPort else {
            throw ValueError("\(PrintableText.quoted(text)) has no port; give HOST:PORT, for example kafka-1:9092")
        }
        guard (1...65_535).contains(port) else {
            throw ValueError("\(PrintableText.quoted(text)): a port is 1 to 65535")
        }
        self.host = String(host)
        self.port = port
    }

    /// Reads 1 to 100 servers separated by commas.
    package static func list(_ text: String, defaultPort: Int? = nil) throws(ValueError) -> [HostPort] {
        var servers: [HostPort] = []
        for part in text.split(separator: ",", maxSplits: 100) {
            let trimmed = part.drop { $0 == " " }
            servers.append(try HostPort(String(trimmed), defaultPort: defaultPort))
        }
        guard !servers.isEmpty else {
            throw ValueError(text, isNot: "a list of servers", give: "HOST:PORT,HOST:PORT")
        }
        return servers
    }

    /// `host:port`, with brackets around IPv6 addresses.
    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    private static func split(_ text: String) throws(ValueError) -> (host: Substring, port: Substring?) {
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else {
                throw ValueError(text, isNot: "a server", give: "IPv6 addresses as [ADDRESS]:PORT")
            }
            let after = text[text.index(after: end)...]
            guard after.isEmpty || after.hasPrefix(":") else {
                throw ValueError(text, isNot: "a server", give: "IPv6 addresses as [ADDRESS]:PORT")
            }
            return (text[text.index(after: text.startIndex)..<end], after.isEmpty ? nil : after.dropFirst())
        }
        guard let colon = text.firstIndex(of: ":") else { return (text[...], nil) }
        guard text[colon...].dropFirst().firstIndex(of: ":") == nil else {
            throw ValueError(text, isNot: "a server", give: "HOST:PORT, IPv6 addresses as [ADDRESS]:PORT")
        }
        return (text[..<colon], text[text.index(after: colon)...])
    }
}
