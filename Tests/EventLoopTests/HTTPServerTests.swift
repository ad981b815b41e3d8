import EventLoop
import LoopTestSupport
import TestSupport
import Testing

@Suite struct HTTPServerTests {
    final class Stage {
        let loop: EventLoop
        let server: HTTPServer
        let port: UInt16
        let peers: EchoStage
        var held: [HTTPExchange] = []
        var seen: [String] = []
        var text = ""
        var end: String?

        init(_ loop: EventLoop, _ limits: HTTPServerLimits) throws {
            self.loop = loop
            peers = try EchoStage(loop)
            server = try HTTPServer(loop, limits: limits)
            port = try server.listen(host: "127.0.0.1", port: 0).port
            server.handle("GET", "/health") { $0.respond(status: 200, contentType: "text/plain", text: "alive\n") }
            server.handle("GET", "/v1/merchants/{id}/leaderboard") { exchange in
                exchange.respond(status: 200, contentType: "text/plain", text: exchange.parameters["id"] ?? "none")
            }
            server.handle("POST", "/echo") {
                $0.respond(status: 200, contentType: "application/octet-stream", body: $0.request.body)
            }
            server.handle("GET", "/hold") { [unowned self] in held.append($0) }
            server.handle("GET", "/big") {
                $0.respond(status: 200, contentType: "x", body: [UInt8](repeating: 0x78, count: 8 << 20))
            }
            server.observer = { [unowned self] route, status in seen.append("\(route ?? "none") \(status)") }
        }

        /// Sends bytes on a connection of its own and keeps what comes.
        func send(_ text: String) throws {
            let client = try Collector(self, text)
            collectors.append(client)
        }
        var collectors: [Collector] = []
    }

    final class Collector: ByteStreamDelegate {
        private unowned let stage: Stage
        var stream: ByteStream?
        init(_ stage: Stage, _ text: String) throws {
            self.stage = stage
            guard let address = SocketAddress.literal(host: "127.0.0.1", port: stage.port) else { return }
            let stream = try ByteStream(stage.loop, to: address, tls: nil, serverName: "", delegate: self)
            self.stream = stream
            stream.start()
            Array(text.utf8).withUnsafeBytes { stream.send($0) }
        }
        func streamOpened() {}
        func streamReceived(_ bytes: UnsafeRawBufferPointer) { stage.text += String(decoding: bytes, as: UTF8.self) }
        func streamDrained() {}
        func streamEnded(_ reason: StreamEnd) {
            stage.end = "\(reason)"
            stream = nil
        }
    }

    private func start(
        _ change: @Sendable (inout HTTPServerLimits) -> Void = { _ in }
    ) async throws -> LoopThread<Stage> {
        var limits = HTTPServerLimits()
        limits.housekeepingSeconds = 0.01
        change(&limits)
        return try await LoopThread { [limits] loop in try Stage(loop, limits) }
    }

    private func waitForText(_ loop: LoopThread<Stage>, _ part: String) async throws {
        #expect(try await eventually { try await loop.run { $0.text.contains(part) } }, "\(part)")
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
        let loop = try await start()
        try await loop.run {
            try $0.send(
                "GET /health HTTP/1.1\r\nHost: x\r\n\r\nPOST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
                    + "GET /v1/merchants/a%20b/leaderboard HTTP/1.1\r\nHost: x\r\n\r\n"
                    + "HEAD /health HTTP/1.1\r\nHost: x\r\n\r\nGET /none HTTP/1.1\r\nHost: x\r\n\r\n"
                    + "POST /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        }
        #expect(try await eventually { try await loop.run { $0.end } != nil })
        let bodies = try await loop.run { $0.text }
        let expected = [
            "alive\n", "hello", "a b", "Content-Length: 6\r\n\r\nHTTP/1.1 404 Not Found", "HTTP/1.1 405", "Allow: GET",
            "Connection: close",
        ]
        var rest = bodies[...]
        for part in expected {
            let range = try #require(rest.firstRange(of: part), "\(part) in \(bodies)")
            rest = rest[range.upperBound...]
        }
        #expect(
            try await loop.run { $0.seen } == [
                "/health 200", "/echo 200", "/v1/merchants/{id}/leaderboard 200", "/health 200", "none 404", "none 405",
            ])
        #expect(try await loop.run { $0.server.openConnections } == 0)
    }

    @Test func answersMayComeLate() async throws {
        let loop = try await start()
        try await loop.run {
            try $0.send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        }
        #expect(try await eventually { try await loop.run { $0.held.count } == 1 })
        #expect(try await loop.run { $0.text.isEmpty })
        try await loop.run { stage in
            stage.held[0].respond(status: 503, contentType: "text/plain", text: "later")
            stage.held[0].respond(status: 200, contentType: "text/plain", text: "twice")
        }
        try await waitForText(loop, "alive")
        let text = try await loop.run { $0.text }
        #expect(!text.contains("twice"))
        // A client that has gone takes its request with it.
        try await loop.run { try $0.send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n") }
        #expect(try await eventually { try await loop.run { $0.held.count } == 2 })
        try await loop.run { $0.collectors[1].stream?.close() }
        #expect(try await eventually { try await loop.run { stage in !stage.held[1].isOpen } })
        try await loop.run { $0.held[1].respond(status: 200, contentType: "text/plain", text: "nobody") }
    }

    @Test(arguments: [
        ("GET /health HTTP/1.1\r\nHost: x\r\nX: " + String(repeating: "y", count: 9_000), "431"),
        ("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n", "413"), ("garbage\r\n\r\n", "400"),
        // TLS, which may hold no end of a head.
        ("\u{16}\u{3}\u{1}\u{2}", "400"),
        ("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", "501"),
        ("GET /health HTTP/1.1\r\nHost: x", "408"),
        ("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc", "408"),
    ]) func refuses(text: String, status: String) async throws {
        let loop = try await start { $0.requestSeconds = 0.1 }
        try await loop.run { try $0.send(text) }
        try await waitForText(loop, "HTTP/1.1 \(status)")
        #expect(try await eventually { try await loop.run { $0.server.openConnections } == 0 })
    }

    @Test func clientsThatTakeNothingOrSayNothingGo() async throws {
        let loop = try await start {
            $0.responseSeconds = 0.1
            $0.idleSeconds = 0.1
        }
        try await loop.run { stage in
            try stage.send("")
            try stage.send("GET /big HTTP/1.1\r\nHost: x\r\n\r\n")
            // It never reads again.
            stage.collectors[1].stream?.pause()
        }
        #expect(try await eventually { try await loop.run { $0.seen } == ["/big 200"] })
        #expect(try await eventually { try await loop.run { $0.server.openConnections } == 0 })
    }

    @Test func noMoreConnectionsThanAllowedAndAStopThatEnds() async throws {
        let loop = try await start { $0.connections = 1 }
        try await loop.run { try $0.send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n") }
        #expect(try await eventually { try await loop.run { $0.held.count } == 1 })
        try await loop.run { try $0.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n") }
        #expect(try await eventually { try await loop.run { $0.end } != nil })
        async let stopped: Bool = loop.wait { stage, done in stage.server.stop { done(true) } }
        try await loop.run { $0.held[0].respond(status: 200, contentType: "text/plain", text: "done") }
        #expect(try await stopped)
        try await waitForText(loop, "done")
    }

    @Test func curlIsServed() async throws {
        guard ProcessRunner.isInstalled("curl") else { return }
        let loop = try await start()
        let port = try await loop.run { $0.port }
        let output = try await ProcessRunner.output(of: [
            "curl", "-sS", "--data-binary", String(repeating: "d", count: 5_000), "http://127.0.0.1:\(port)/echo",
            "--next", "-sS", "-I", "http://127.0.0.1:\(port)/health",
        ])
        #expect(output.hasPrefix(String(repeating: "d", count: 5_000)))
        #expect(output.contains("Content-Length: 6"))
    }
}
