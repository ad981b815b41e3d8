import Lifecycle
import Redis
import TestSupport
import Testing

/// Servers that die, hang, come back, or are none.
@Suite(ScratchRedis.requirement, .blocking) struct BrokenConnectionTests {
    /// Drives `client` until `count` answers have come.
    private func answers(_ client: RedisClient, _ count: Int) -> [RedisAnswer] {
        var found: [RedisAnswer] = []
        _ = eventuallyBlocking {
            _ = DescriptorWait.wait(client.descriptor, for: .read, until: .now().advanced(by: .milliseconds(5)))
            client.advance()
            while let answer = client.take() { found.append(answer) }
            return found.count >= count
        }
        return found
    }

    @Test("nobody listens: unreachable in the time allowed, and nothing ran")
    func refused() throws {
        let port = try FreePort.next()
        let error = redisError { _ = try RedisSession(.local(port), timeout: .milliseconds(200)) }
        #expect(error?.kind == .unreachable && error?.isRetriable == true && error?.outcome == .notRun)
        #expect("\(error.map { "\($0)" } ?? "")".contains("127.0.0.1:\(port)"))
    }

    @Test("what waits for a server that never comes fails after its patience, as not run")
    func patience() throws {
        let client = try RedisClient(.local(try FreePort.next()).with { $0.patience = .milliseconds(200) })
        defer { client.close() }
        try client.submit(RedisCommand("PING"))
        let error = answers(client, 1).first?.result.error
        #expect(error?.kind == .unreachable && error?.outcome == .notRun)
        #expect(client.outstanding == 0)
    }

    @Test(
        "killed with a pipeline on its way: what was answered is, the rest is unknown, and it goes on after a restart")
    func kill() async throws {
        let server = try await ScratchRedis.start()
        let client = try RedisClient(.local(server.port))
        defer { client.close() }
        try client.submit(RedisCommand("PING"))
        #expect(answers(client, 1).first?.result.reply == .status("PONG"))

        server.freeze()
        var tickets: Set<RedisTicket> = []
        for index in 0..<100 { tickets.insert(try client.submit(RedisCommand("INCR", key: "kill:\(index)"))) }
        client.flush()
        try await server.kill()
        let lost = answers(client, 100)
        #expect(Set(lost.map(\.ticket)) == tickets)
        #expect(lost.allSatisfy { $0.result.error?.kind == .connectionLost && $0.result.error?.outcome == .unknown })
        #expect(lost.first.map { "\($0.result.error?.description ?? "")" }?.contains("not known") == true)

        // Submitted while it is away, answered when it is back.
        let ticket = try client.submit(RedisCommand("SET", key: "kill", "v"))
        try await server.resume()
        let back = answers(client, 1).first
        #expect(back?.ticket == ticket && back?.result.reply == .ok)
    }

    @Test("a server that hangs: no answer in time, the connection is given up, and made anew when it wakes")
    func hang() async throws {
        let server = try await ScratchRedis.start()
        let configuration = RedisConfiguration.local(server.port).with {
            $0.answerTimeout = .milliseconds(150)
            $0.connectTimeout = .milliseconds(150)
            $0.patience = .milliseconds(400)
        }
        let session = try RedisSession(configuration)
        defer { session.close() }
        server.freeze()
        let sent = redisError { try session.run(RedisCommand("INCR", key: "hang")) }
        #expect(sent?.kind == .timedOut && sent?.outcome == .unknown)
        let unsent = redisError { try session.run(RedisCommand("INCR", key: "hang")) }
        #expect(unsent?.kind == .unreachable && unsent?.outcome == .notRun)
        server.thaw()
        #expect(eventuallyBlocking { (try? session.run(RedisCommand("PING"))) == .status("PONG") })
    }

    @Test(
        "a server that cannot answer yet is asked again until it does",
        arguments: [
            "LOADING Redis is loading the dataset in memory", "MASTERDOWN Link with MASTER is down",
            "BUSY Redis is busy running a script.", "TRYAGAIN Multiple keys request",
            "CLUSTERDOWN Hash slot not served",
        ])
    func notReady(line: String) throws {
        let server = try FakeServer {
            Array(($0 == 0 ? "+OK\r\n" : $0 == 1 ? "-ERR no cluster\r\n" : $0 < 6 ? "-\(line)\r\n" : ":7\r\n").utf8)
        }
        let session = try RedisSession(.local(server.port))
        defer { session.close() }
        #expect(try session.run(RedisCommand("INCR", key: "k")) == .integer(7))
        // One that never is: the server's own reason, after the patience.
        let never = try FakeServer {
            Array(($0 == 0 ? "+OK\r\n" : $0 == 1 ? "-ERR no cluster\r\n" : "-\(line)\r\n").utf8)
        }
        let patient = try RedisSession(.local(never.port).with { $0.patience = .seconds(1) })
        defer { patient.close() }
        let error = redisError { try patient.run(RedisCommand("INCR", key: "k")) }
        #expect(error?.code == line.split(separator: " ").first.map(String.init) && error?.outcome == .refused)
    }

    @Test("a redirection to nowhere is refused")
    func redirectionToNowhere() throws {
        let server = try FakeServer {
            Array(($0 == 0 ? "+OK\r\n" : $0 == 1 ? "-ERR no cluster\r\n" : "-ASK 1 :0\r\n").utf8)
        }
        let session = try RedisSession(.local(server.port))
        defer { session.close() }
        let error = redisError { try session.run(RedisCommand("GET", key: "k")) }
        #expect(error?.kind == .protocolViolation && error?.outcome == .refused)
    }

    @Test(
        "what is no Redis is found out at once",
        arguments: [
            "HTTP/1.1 400 Bad Request\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}", "*99999999\r\n", ":1\r\n:1\r\n:1\r\n:1\r\n",
            "$999999999\r\n",
        ])
    func garbage(text: String) throws {
        let server = try FakeServer { _ in Array((text + String(repeating: "x", count: 40_000)).utf8) }
        let configuration = RedisConfiguration.local(server.port).with {
            $0.replyLimit = 10_000
            $0.connectTimeout = .seconds(20)
        }
        let error = redisError { _ = try RedisSession(configuration, timeout: .seconds(60)) }
        #expect(error?.kind == .protocolViolation)
        #expect("\(error.map { "\($0)" } ?? "")".contains("xxx") == false)
    }

    @Test("a server that turns to garbage in mid-pipeline: the outcome of what was sent is not known")
    func garbageLater() throws {
        let server = try FakeServer { Array(($0 == 0 ? "+OK\r\n" : $0 == 1 ? "-ERR no cluster\r\n" : "!?\r\n").utf8) }
        let session = try RedisSession(.local(server.port))
        defer { session.close() }
        let results = try session.run(pipeline: [RedisCommand("PING"), RedisCommand("PING")])
        for result in results {
            #expect(result.error?.kind == .protocolViolation && result.error?.outcome == .unknown)
        }
    }

    @Test("a server that ends every connection is not stormed: attempts are spaced by growing pauses")
    func backoff() throws {
        let server = try FakeServer(ends: true) { _ in [] }
        let configuration = RedisConfiguration.local(server.port).with { $0.firstPause = 100 }
        let error = redisError { _ = try RedisSession(configuration, timeout: .milliseconds(700)) }
        #expect(error?.kind == .unreachable)
        // Pauses of at least 50, 100, 200 and 400 ms.
        #expect(eventuallyBlocking { server.connections >= 1 })
        #expect(server.connections <= 5)
    }

    @Test("closing fails what is under way")
    func close() async throws {
        let server = try await ScratchRedis.shared()
        let client = try RedisClient(.local(server.port))
        try client.submit(RedisCommand("PING"))
        client.close()
        #expect(client.take()?.result.error?.kind == .cancelled)
        #expect(redisError { try client.submit(RedisCommand("PING")) }?.kind == .cancelled)
    }

    @Test("a stop ends the wait for a server that hangs")
    func stop() throws {
        let server = try FakeServer { Array(($0 == 0 ? "+OK\r\n" : $0 == 1 ? "-ERR no cluster\r\n" : "").utf8) }
        let flag = StopFlag()
        let session = try RedisSession(.local(server.port)) { flag.isSet }
        defer { session.close() }
        flag.set(.terminate)
        let error = redisError { try session.run(RedisCommand("PING")) }
        #expect(error?.kind == .cancelled && error?.outcome == .unknown)
    }
}
