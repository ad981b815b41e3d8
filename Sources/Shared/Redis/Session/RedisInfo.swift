/// What INFO says, by name.
package struct RedisInfo: Sendable {
    /// Fields kept.
    private static let limit = 1_000
    private var fields: [String: String] = [:]

    /// Reads the text of an INFO reply; lines that are no `name:value` are passed over.
    package init(_ text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            guard fields.count < Self.limit, let colon = line.firstIndex(of: ":"), !line.hasPrefix("#") else {
                continue
            }
            fields[String(line[..<colon])] = String(line[line.index(after: colon)...])
        }
    }

    /// A field by its name; nil where the server does not tell.
    package subscript(name: String) -> String? { fields[name] }

    /// What happens to keys when memory is full: `noeviction`, `volatile-lru` and so on; nil where it is not said.
    package var evictionPolicy: String? { self["maxmemory_policy"] }
    /// Changes with every start of the server.
    package var runID: String? { self["run_id"] }
    /// Changes when the data set gets another history: after a failover, or when it was loaded anew.
    package var replicationID: String? { self["master_replid"] }
    /// The server's version, for example `7.0.15`.
    package var version: String? { self["redis_version"] }

    /// The command that asks for one section, for example `memory`.
    package static func command(section: String) -> RedisCommand {
        var command = RedisCommand("INFO")
        command.add(section)
        return command
    }
}

extension RedisSession {
    /// What every server that takes writes says about `section`, in the order of ``RedisClient/primaries``.
    package func info(section: String) throws(RedisError) -> [(node: RedisAddress, info: RedisInfo)] {
        var found: [(node: RedisAddress, info: RedisInfo)] = []
        for node in client.primaries {
            let reply = try run(RedisInfo.command(section: section), on: node)
            guard let text = reply.text else {
                throw RedisError(.unexpectedReply, "INFO answered no text", outcome: .refused, node: node)
            }
            found.append((node, RedisInfo(text)))
        }
        return found
    }
}
