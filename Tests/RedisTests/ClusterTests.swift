import Configuration
import Lifecycle
import Redis
import TestSupport
import Testing

/// A real cluster of six nodes. One test after the other: failovers and moved slots are the whole cluster's.
@Suite(ScratchRedis.requirement, .blocking, .serialized) struct ClusterTests {
    private static func configuration(_ cluster: ScratchRedisCluster) -> RedisConfiguration {
        RedisConfiguration.local(Array(cluster.ports.prefix(2))).with {
            $0.answerTimeout = .seconds(2)
            $0.patience = .seconds(30)
        }
    }

    /// Sets `count` keys in one pipeline; what was refused.
    private static func set(_ session: RedisSession, _ label: String, _ count: Int) throws -> [RedisError] {
        try session.run(pipeline: (0..<count).map { RedisCommand("SET", key: "\(label):\($0)", "\($0)") })
            .compactMap(\.error)
    }

    @Test("routing, scripts by node, moved slots, failover and a node that hangs")
    func life() async throws {
        let cluster = try await ScratchRedisCluster.start()
        let session = try RedisSession(Self.configuration(cluster))
        defer { session.close() }
        try Self.routing(session)
        try Self.scripts(session)
        try await Self.movedSlots(cluster, session)
        try await Self.movingSlot(cluster, session)
        try await Self.failover(cluster, session)
        try await Self.frozenNode(cluster, session)
    }

    private static func routing(_ session: RedisSession) throws {
        #expect(session.isCluster)
        #expect(session.client.primaries.count == 3)
        #expect(try set(session, "routing", 3_000) == [])
        let values = try session.run(pipeline: (0..<3_000).map { RedisCommand("GET", key: "routing:\($0)") })
        for (index, value) in values.enumerated() { #expect(value.reply == .text("\(index)")) }
        // Each node has a part, and it was no redirection that brought it there.
        let sizes = try session.client.primaries.map { try session.run(RedisCommand("DBSIZE"), on: $0).number ?? 0 }
        #expect(sizes.allSatisfy { $0 > 500 } && sizes.reduce(0, +) == 3_000)
        let script = RedisScript("return 1")
        #expect(redisError { try session.run(RedisCommand(script, keys: ["a", "b"])) }?.kind == .crossSlot)
        #expect(try session.info(section: "memory").count == 3)
        #expect(try session.run(RedisCommand("PING")) == .status("PONG"))
    }

    private static func scripts(_ session: RedisSession) throws {
        let script = RedisScript("return redis.call('INCR', KEYS[1])")
        let calls = (0..<300).map { RedisCommand(script, keys: ["script:\($0)"]) }
        #expect(try session.run(pipeline: calls).allSatisfy { $0.reply == .integer(1) })
        for node in session.client.primaries { try session.run(command("SCRIPT", "FLUSH"), on: node) }
        #expect(try session.run(pipeline: calls).allSatisfy { $0.reply == .integer(2) })
        // Both spellings of a cached name are in the slot of its tag.
        let name = RedisKeys(.tagged).translation(key: "🏆 {x} %'\"", locale: "en")
        let fill = try CacheFill(of: name)
        #expect(try session.run(fill.begin) == .ok)
        #expect(try session.run(fill.store("1|v", seconds: 60)) == .integer(1))
        for current in ["1|v", nil] {
            for command in CacheInvalidation.commands(of: name, unless: current, inCluster: true) {
                try session.run(command)
            }
            #expect(try session.run(RedisCommand("GET", key: name)) == (current == nil ? .null : .text("1|v")))
        }
        // Names that share no slot go one by one.
        for name in [RedisKeys(.tagged).translation(key: "}x", locale: "en"), "translations:x:en"] {
            try session.run(RedisCommand("SET", key: name, "1|v"))
            for command in CacheInvalidation.commands(of: name, unless: "1|v", inCluster: true) {
                try session.run(command)
            }
            #expect(try session.run(RedisCommand("GET", key: name)) == .null)
        }
    }

    /// Slots that were moved behind the client's back: it is told MOVED, and asks for the map anew.
    private static func movedSlots(_ cluster: ScratchRedisCluster, _ session: RedisSession) async throws {
        let slot = Int(HashSlot.of("moved"))
        let (source, target) = try await pair(cluster, slot)
        try session.run(RedisCommand("SET", key: "moved", "v"))
        try await begin(slot, from: source, to: target)
        try await finish(slot, key: "moved", from: source, to: target)
        #expect(try session.run(RedisCommand("GET", key: "moved")) == .text("v"))
        #expect(try set(session, "after-move", 500) == [])
    }

    /// A slot on its way: keys that are there, keys that are gone already, and two keys of which one is gone.
    private static func movingSlot(_ cluster: ScratchRedisCluster, _ session: RedisSession) async throws {
        let slot = Int(HashSlot.of("{moving}"))
        let (source, target) = try await pair(cluster, slot)
        for name in ["here", "gone"] { try session.run(RedisCommand("SET", key: "{moving}\(name)", name)) }
        try await begin(slot, from: source, to: target)
        try await source.cli("migrate", "127.0.0.1", "\(target.port)", "{moving}gone", "0", "5000")
        #expect(try session.run(RedisCommand("GET", key: "{moving}here")) == .text("here"))
        #expect(try session.run(RedisCommand("GET", key: "{moving}gone")) == .text("gone"))
        // TRYAGAIN until the move is over.
        let client = try RedisClient(session.client.configuration)
        defer { client.close() }
        var both = RedisCommand("MGET", key: "{moving}here")
        both.add(key: "{moving}gone")
        let ticket = try client.submit(both)
        var isOver = false
        var answer: RedisAnswer?
        let isAnswered = try await eventually {
            client.advance()
            answer = client.take()
            // A turn of the loop without an answer, after its connections are up: the server said TRYAGAIN.
            if !isOver, client.isUp, answer == nil {
                isOver = true
                try await finish(slot, key: "{moving}here", from: source, to: target)
            }
            return answer != nil
        }
        #expect(isAnswered && answer?.ticket == ticket)
        #expect(answer?.result.reply == .array([.text("here"), .text("gone")]))
    }

    /// A primary dies with a pipeline under way: its replica takes over, nothing is answered twice, and all goes on.
    private static func failover(_ cluster: ScratchRedisCluster, _ session: RedisSession) async throws {
        let victim = try await cluster.primary(ofSlot: 0)
        let client = session.client
        var open: [RedisTicket: Int] = [:]
        for index in 0..<2_000 {
            open[try client.submit(RedisCommand("SET", key: "failover:\(index)", "\(index)"))] = index
        }
        client.flush()
        try await victim.kill()
        var failures: [RedisError] = []
        while let answer = try next(client) {
            #expect(open.removeValue(forKey: answer.ticket) != nil)
            if let error = answer.result.error { failures.append(error) }
        }
        #expect(open.isEmpty)
        #expect(failures.allSatisfy { $0.outcome == .unknown && $0.isRetriable })
        // The server may have answered the pipeline whole before it died: then these find the connection broken.
        #expect(try set(session, "during-failover", 2_000).allSatisfy { $0.outcome == .unknown && $0.isRetriable })
        // Submitted to slots without a primary: they wait until there is one.
        #expect(try set(session, "after-failover", 2_000) == [])
        let now = try await cluster.primary(ofSlot: 0)
        #expect(now.port != victim.port)
        try await victim.resume()
        try await cluster.waitUntilWhole()
        #expect(try set(session, "after-failover", 2_000) == [])
    }

    /// A primary that hangs: what was sent to it is given up as unknown, its replica takes over.
    private static func frozenNode(_ cluster: ScratchRedisCluster, _ session: RedisSession) async throws {
        let victim = try await cluster.primary(ofSlot: 9_000)
        victim.freeze()
        let errors = try set(session, "frozen", 1_000)
        #expect(errors.contains { $0.outcome == .unknown })
        #expect(errors.allSatisfy { $0.kind == .timedOut })
        // Until then commands for its slots would be sent to it once more, and time out.
        let isReplaced = await eventually(deadline: 60) {
            let primary = try? await cluster.primary(ofSlot: 9_000, notAsking: victim)
            return primary.map { $0.port != victim.port } ?? false
        }
        #expect(isReplaced)
        #expect(try set(session, "frozen", 1_000) == [])
        victim.thaw()
        try await cluster.waitUntilWhole()
    }

    // MARK: - Tools

    private static func next(_ client: RedisClient) throws -> RedisAnswer? {
        var answer: RedisAnswer?
        _ = eventuallyBlocking(deadline: 60) {
            answer = client.take()
            if answer == nil, client.outstanding > 0 {
                let wake = min(client.nextWake(at: .now()), MonotonicInstant.now().advanced(by: .milliseconds(5)))
                _ = DescriptorWait.wait(client.descriptor, for: .read, until: wake)
                client.advance()
                answer = client.take()
            }
            return answer != nil || client.outstanding == 0
        }
        return answer
    }

    private static func id(_ node: ScratchRedis) async throws -> String { try await node.cli("cluster", "myid") }

    /// The node that has `slot`, and another primary.
    private static func pair(
        _ cluster: ScratchRedisCluster, _ slot: Int
    ) async throws -> (source: ScratchRedis, target: ScratchRedis) {
        let source = try await cluster.primary(ofSlot: slot)
        let target = try await cluster.primary(ofSlot: (slot + 8_000) % 16_384)
        try #require(source.port != target.port)
        return (source, target)
    }

    private static func begin(_ slot: Int, from source: ScratchRedis, to target: ScratchRedis) async throws {
        try await target.cli("cluster", "setslot", "\(slot)", "importing", try await id(source))
        try await source.cli("cluster", "setslot", "\(slot)", "migrating", try await id(target))
    }

    private static func finish(
        _ slot: Int, key: String, from source: ScratchRedis, to target: ScratchRedis
    ) async throws {
        try await source.cli("migrate", "127.0.0.1", "\(target.port)", key, "0", "5000")
        for node in [target, source] {
            try await node.cli("cluster", "setslot", "\(slot)", "node", try await id(target))
        }
    }
}
