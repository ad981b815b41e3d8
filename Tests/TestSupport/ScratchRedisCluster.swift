import Glibc

/// A real Redis Cluster of the test's own on 127.0.0.1: three primaries and a replica of each.
package final class ScratchRedisCluster: Sendable {
    /// The servers; the first three begin as primaries, each of the others as a replica of one of them.
    package let nodes: [ScratchRedis]

    /// The ports of all nodes.
    package var ports: [UInt16] { nodes.map(\.port) }

    /// Starts six servers and joins them; returns when every node knows every slot (some seconds).
    package static func start() async throws -> ScratchRedisCluster {
        var nodes: [ScratchRedis] = []
        for _ in 0..<6 {
            // Cluster nodes listen on a second port, 10,000 above the first unless told otherwise.
            nodes.append(
                try ScratchRedis([
                    "--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-node-timeout", "1000",
                    "--cluster-port", "\(try FreePort.next())", "--repl-diskless-sync-delay", "0",
                    "--repl-ping-replica-period", "1",
                ]))
        }
        for node in nodes { try await node.resume() }
        let addresses = nodes.map { "127.0.0.1:\($0.port)" }
        try await ProcessRunner.output(
            of: ["redis-cli", "--cluster", "create"] + addresses + ["--cluster-replicas", "1", "--cluster-yes"])
        let cluster = ScratchRedisCluster(nodes: nodes)
        try await cluster.waitUntilWhole()
        return cluster
    }

    private init(nodes: [ScratchRedis]) { self.nodes = nodes }

    /// Waits until every running node says that all slots are served and each primary has a replica that is in step.
    package func waitUntilWhole() async throws {
        let isWhole = await eventually(deadline: 60) {
            for node in nodes {
                guard let info = try? await node.cli("cluster", "info"), info.contains("cluster_state:ok"),
                    info.contains("cluster_slots_ok:16384"), info.contains("cluster_size:3"),
                    let replication = try? await node.cli("info", "replication"),
                    replication.contains("role:master")
                        ? replication.contains("state=online") : replication.contains("master_link_status:up")
                else { return false }
            }
            return true
        }
        guard isWhole else { throw TestSupportError("the Redis cluster did not become whole") }
    }

    /// The node that serves `slot` now; `silent` is one that is not asked, because it would not answer.
    package func primary(ofSlot slot: Int, notAsking silent: ScratchRedis? = nil) async throws -> ScratchRedis {
        for node in nodes where node !== silent {
            guard let text = try? await node.cli("cluster", "nodes") else { continue }
            for line in text.split(separator: "\n") {
                let fields = line.split(separator: " ")
                guard fields.count > 8, fields[2].contains("master"), !fields[2].contains("fail"),
                    fields[8...].contains(where: { Self.range($0, contains: slot) }),
                    let port = fields[1].split(separator: "@").first?.split(separator: ":").last
                else { continue }
                if let found = nodes.first(where: { "\($0.port)" == port }) { return found }
            }
        }
        throw TestSupportError("no node serves slot \(slot)")
    }

    private static func range(_ text: Substring, contains slot: Int) -> Bool {
        let ends = text.split(separator: "-").compactMap { Int($0) }
        guard let first = ends.first, let last = ends.last else { return false }
        return (first...max(first, last)).contains(slot)
    }
}
