import Redis
import TestSupport
import Testing

@Suite(ScratchRedis.requirement, .blocking) struct ScriptTests {
    private let name = "translations:\(Int.random(in: 0..<Int.max)):en"

    @Test("a script that the server has forgotten is given to it again, in the middle of a pipeline")
    func reload() async throws {
        let server = try await ScratchRedis.start()
        let session = try RedisSession(.local(server.port))
        defer { session.close() }
        let script = RedisScript("return redis.call('INCRBY', KEYS[1], ARGV[1])")
        let calls = (0..<10).map { _ in RedisCommand(script, keys: ["sum"], arguments: ["2"]) }
        #expect(try session.run(pipeline: calls).allSatisfy { $0.error == nil })
        #expect(try session.run(RedisCommand("GET", key: "sum")) == .text("20"))
        #expect(try await server.cli("script", "flush") == "OK")
        #expect(try session.run(pipeline: calls).allSatisfy { $0.error == nil })
        #expect(try session.run(RedisCommand("GET", key: "sum")) == .text("40"))
        // The digest alone, without the text, is the caller's mistake.
        let unknown = command("EVALSHA", String(repeating: "0", count: 40), "0")
        #expect(redisError { try session.run(unknown) }?.kind == .noScript)
    }

    private func session() async throws -> RedisSession {
        try RedisSession(.local(try await ScratchRedis.shared().port))
    }

    private func invalidate(_ session: RedisSession, unless current: String?) throws {
        for command in CacheInvalidation.commands(of: name, unless: current, inCluster: false) {
            try session.run(command)
        }
    }

    @Test("a fill stores what it read, if nothing came in between")
    func fill() async throws {
        let session = try await session()
        defer { session.close() }
        let fill = try CacheFill(of: name)
        #expect(try session.run(fill.begin) == .ok)
        #expect(try session.run(CacheFill(of: name).begin) == .null)
        #expect(try session.run(fill.store("1.0.0|Sieger", seconds: 60)) == .integer(1))
        #expect(try session.run(RedisCommand("GET", key: name)) == .text("1.0.0|Sieger"))
        #expect(try session.run(RedisCommand("TTL", key: name)).number.map { (1...60).contains($0) } == true)
        #expect(try session.run(RedisCommand("EXISTS", key: RedisKeys.fill(name))) == .integer(0))
    }

    @Test("a fill that an invalidation overtook stores nothing, whatever the invalidation kept")
    func overtaken() async throws {
        let session = try await session()
        defer { session.close() }
        for current in [nil, "1.0.0|new"] {
            let fill = try CacheFill(of: name)
            #expect(try session.run(fill.begin) == .ok)
            try invalidate(session, unless: current)
            #expect(try session.run(fill.store("0.9.0|stale", seconds: 60)) == .integer(0))
            #expect(try session.run(RedisCommand("GET", key: name)) == .null)
        }
    }

    @Test("another filler's token is not taken for one's own")
    func foreignToken() async throws {
        let session = try await session()
        defer { session.close() }
        let (early, late) = (try CacheFill(of: name), try CacheFill(of: name))
        #expect(try session.run(early.begin) == .ok)
        try invalidate(session, unless: nil)
        #expect(try session.run(late.begin) == .ok)
        #expect(try session.run(early.store("stale", seconds: 60)) == .integer(0))
        #expect(try session.run(late.store("fresh", seconds: 60)) == .integer(1))
        #expect(try session.run(RedisCommand("GET", key: name)) == .text("fresh"))
    }

    @Test("an invalidation keeps the newest value, and takes away any other, of any type")
    func unless() async throws {
        let session = try await session()
        defer { session.close() }
        try session.run(RedisCommand("SET", key: name, "2.0.0|new"))
        try invalidate(session, unless: "2.0.0|new")
        #expect(try session.run(RedisCommand("GET", key: name)) == .text("2.0.0|new"))
        try invalidate(session, unless: "2.0.1|newer")
        #expect(try session.run(RedisCommand("EXISTS", key: name)) == .integer(0))
        try session.run(RedisCommand("LPUSH", key: name, "2.0.0|new"))
        try invalidate(session, unless: "2.0.0|new")
        #expect(try session.run(RedisCommand("EXISTS", key: name)) == .integer(0))
        try session.run(RedisCommand("SET", key: name, "2.0.0|new"))
        try invalidate(session, unless: nil)
        #expect(try session.run(RedisCommand("EXISTS", key: name)) == .integer(0))
    }

    @Test("hashes are filled the same way")
    func hashes() async throws {
        let session = try await session()
        defer { session.close() }
        let fill = try CacheFill(of: name)
        #expect(try session.run(fill.begin) == .ok)
        #expect(try session.run(fill.store([("locale", "de"), ("checked_at", "1")], seconds: 60)) == .integer(1))
        #expect(try session.run(RedisCommand("HGET", key: name, "locale")) == .text("de"))
        #expect(try session.run(fill.store([("locale", "fr")], seconds: 60)) == .integer(0))
        #expect(try session.run(RedisCommand("HGET", key: name, "locale")) == .text("de"))
    }
}
