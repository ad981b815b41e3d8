import Configuration
import Redis
import TestSupport
import Testing

/// One real server.
@Suite(ScratchRedis.requirement, .blocking) struct ServerTests {
    @Test("a pipeline's results come in its order, whatever its length")
    func pipeline() async throws {
        let server = try await ScratchRedis.shared()
        let session = try RedisSession(.local(server.port).with { $0.commandLimit = 500 })
        defer { session.close() }
        var commands: [RedisCommand] = []
        for index in 0..<5_000 {
            commands.append(RedisCommand("SET", key: "pipeline:\(index)", "v\(index)"))
            commands.append(RedisCommand("GET", key: "pipeline:\(index)"))
        }
        let results = try session.run(pipeline: commands)
        #expect(results.count == 10_000)
        for index in 0..<5_000 {
            #expect(results[index * 2].reply == .ok)
            #expect(results[index * 2 + 1].reply == .text("v\(index)"))
        }
        #expect(session.client.outstanding == 0)
        #expect(!session.isCluster)
    }

    @Test("values of any bytes and of megabytes come back as they went")
    func bytes() async throws {
        let server = try await ScratchRedis.shared()
        let session = try RedisSession(.local(server.port))
        defer { session.close() }
        let value = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var set = RedisCommand("SET", key: "bytes:\r\n\0é")
        set.add(value)
        #expect(try session.run(set) == .ok)
        #expect(try session.run(RedisCommand("GET", key: "bytes:\r\n\0é")) == .bytes(value))
        #expect(try session.run(RedisCommand("GET", key: "bytes:none")) == .null)
    }

    @Test("too much under way is refused before it is sent")
    func limits() async throws {
        let server = try await ScratchRedis.shared()
        let client = try RedisClient(.local(server.port).with { $0.commandLimit = 3 })
        defer { client.close() }
        for _ in 0..<3 { try client.submit(RedisCommand("PING")) }
        #expect(!client.hasRoom)
        #expect(redisError { try client.submit(RedisCommand("PING")) }?.kind == .limit)
        #expect(
            eventuallyBlocking {
                client.advance(); return client.take() != nil
            })
        #expect(throws: Never.self) { try client.submit(RedisCommand("PING")) }

        let small = try RedisClient(.local(server.port).with { $0.byteLimit = 1_000 })
        defer { small.close() }
        let error = redisError {
            try small.submit(RedisCommand("SET", key: "limits", String(repeating: "x", count: 2_000)))
        }
        #expect(error?.kind == .configuration)
    }

    @Test("errors of the server come with its code, and do not end the connection")
    func errors() async throws {
        let server = try await ScratchRedis.shared()
        let session = try RedisSession(.local(server.port))
        defer { session.close() }
        try session.run(RedisCommand("SET", key: "errors:string", "x"))
        let wrongType = redisError { try session.run(RedisCommand("LPUSH", key: "errors:string", "secret")) }
        #expect(wrongType?.kind == .wrongType && wrongType?.code == "WRONGTYPE" && wrongType?.outcome == .refused)
        let unknown = redisError { try session.run(command("NOSUCH", "secret")) }
        #expect(unknown?.kind == .server && unknown?.code == "ERR")
        #expect("\(unknown.map { "\($0)" } ?? "")".contains("secret") == false)
        #expect(try session.run(RedisCommand("PING")) == .status("PONG"))
    }

    @Test("a full server says OOM, and reads go on")
    func memory() async throws {
        let server = try await ScratchRedis.start(["--maxmemory", "3mb", "--maxmemory-policy", "noeviction"])
        let session = try RedisSession(.local(server.port))
        defer { session.close() }
        #expect(try session.info(section: "memory").map(\.info.evictionPolicy) == ["noeviction"])
        let block = String(repeating: "x", count: 100_000)
        let error = redisError {
            for index in 0..<100 { try session.run(RedisCommand("SET", key: "memory:\(index)", block)) }
        }
        #expect(error?.kind == .outOfMemory && error?.code == "OOM")
        #expect(try session.run(RedisCommand("GET", key: "memory:0")) == .text(block))
    }

    @Test("a replica takes no writes, and says so")
    func replica() async throws {
        let primary = try await ScratchRedis.start()
        let replica = try await ScratchRedis.start(["--replicaof", "127.0.0.1", "\(primary.port)"])
        let session = try RedisSession(.local(replica.port))
        defer { session.close() }
        let error = redisError { try session.run(RedisCommand("SET", key: "k", "v")) }
        #expect(error?.kind == .readOnly && error?.isRetriable == false)
        #expect("\(error.map { "\($0)" } ?? "")".contains("name the primary"))
    }

    @Test("databases and names are chosen on every connection")
    func greeting() async throws {
        let server = try await ScratchRedis.shared()
        let session = try RedisSession(.local(server.port).with { $0.database = 3 })
        defer { session.close() }
        try session.run(RedisCommand("SET", key: "greeting", "three"))
        #expect(try await server.cli("-n", "3", "get", "greeting") == "three")
        #expect(try await server.cli("get", "greeting").isEmpty)
        #expect(try await server.cli("client", "list").contains("name=RedisTests"))
        let wrong = redisError { _ = try RedisSession(.local(server.port).with { $0.database = 99 }) }
        #expect(wrong?.kind == .configuration)
    }

    @Test("RESP3 is refused clearly where hiredis has none, and spoken where it has")
    func resp3() async throws {
        let server = try await ScratchRedis.shared()
        let configuration = RedisConfiguration.local(server.port).with { $0.version = .resp3 }
        guard HiredisLibrary.hasRESP3 else {
            let error = redisError { _ = try RedisSession(configuration) }
            #expect(error?.kind == .configuration)
            #expect("\(error.map { "\($0)" } ?? "")".contains("hiredis 1.0"))
            return
        }
        let session = try RedisSession(configuration)
        defer { session.close() }
        try session.run(RedisCommand("HSET", key: "resp3", "a", "1"))
        #expect(
            try session.run(RedisCommand("HGETALL", key: "resp3"))
                == .map([.init(key: .text("a"), value: .text("1"))]))
        #expect(try session.run(RedisCommand("GET", key: "resp3:none")) == .null)
    }

    @Test("names are resolved; one that does not exist is unreachable")
    func names() async throws {
        let server = try await ScratchRedis.shared()
        let seed = RedisAddress(host: "localhost", port: Int(server.port))
        let session = try RedisSession(RedisConfiguration([seed], clientName: "RedisTests"))
        #expect(try session.run(RedisCommand("PING")) == .status("PONG"))
        session.close()
        let nowhere = RedisConfiguration(
            [RedisAddress(host: "no-such-host.invalid", port: 1)], clientName: "RedisTests")
        #expect(redisError { _ = try RedisSession(nowhere, timeout: .milliseconds(300)) }?.kind == .unreachable)
    }
}
