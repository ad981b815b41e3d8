import EventLoop
import GRPC
import Glibc
import LoopTestSupport
import TestSupport
import Testing

/// What a peer may do to harm a server; each ends within bounds, and others are served meanwhile.
@Suite struct AbuseTests {
    /// A stage with a peer that is connected to it.
    final class Abuse {
        let stage: Stage
        let peer: RawPeer
        init(_ loop: EventLoop, _ configuration: GRPCServerConfiguration) throws {
            stage = try Stage(loop, configuration)
            peer = try RawPeer(loop, port: stage.port)
        }
    }

    private func start(
        _ change: @Sendable (inout GRPCServerConfiguration) -> Void = { _ in }
    ) async throws -> LoopThread<Abuse> {
        var configuration = GRPCServerConfiguration()
        configuration.housekeepingSeconds = 0.01
        change(&configuration)
        return try await LoopThread { [configuration] loop in try Abuse(loop, configuration) }
    }

    /// Waits for the end of the connection, and checks that another one is served.
    private func ends(_ loop: LoopThread<Abuse>, _ comment: Comment? = nil) async throws {
        #expect(try await eventually { try await loop.run { $0.peer.end } != nil }, comment)
        let answer: Answer = try await loop.wait { abuse, done in
            do {
                let channel = try abuse.stage.channel()
                _ = [UInt8]([1]).withUnsafeBytes {
                    channel.call(GRPCMethod("/test/Echo"), deadline: nil, message: $0) { done(Answer($0)) }
                }
            } catch { done(Answer(failure: error)) }
        }
        #expect(answer.message == [1])
    }

    private static let calm: UInt32 = 11

    struct Flood: CustomTestStringConvertible, Sendable {
        let testDescription: String
        /// What is sent first, and what again and again.
        var begin: [UInt8] = []
        let again: [UInt8]
    }

    @Test(arguments: [
        Flood(testDescription: "settings", again: RawPeer.frame(4, payload: [0, 4, 0, 0, 255, 255])),
        Flood(testDescription: "empty settings", again: RawPeer.frame(4)),
        Flood(testDescription: "pings", again: RawPeer.frame(6, payload: [UInt8](repeating: 1, count: 8))),
        Flood(
            testDescription: "acknowledgements of pings",
            again: RawPeer.frame(6, flags: 1, payload: [UInt8](repeating: 1, count: 8))),
        Flood(testDescription: "window updates", again: RawPeer.windowUpdate(0, 1)),
        Flood(testDescription: "priorities", again: RawPeer.frame(2, stream: 1, payload: [0, 0, 0, 0, 1])),
        Flood(testDescription: "unknown frames", again: RawPeer.frame(200, payload: [UInt8](repeating: 0, count: 64))),
        Flood(
            testDescription: "large unknown frames",
            again: RawPeer.frame(200, payload: [UInt8](repeating: 0, count: 16_000))),
        Flood(
            testDescription: "empty data", begin: RawPeer.call(1), again: RawPeer.frame(0, stream: 1)),
        Flood(
            testDescription: "crumbs of data",
            begin: RawPeer.call(1) + RawPeer.frame(0, stream: 1, payload: [0, 0, 32, 0, 0]),
            again: RawPeer.frame(0, stream: 1, payload: [1])),
        Flood(
            testDescription: "padding", begin: RawPeer.call(1),
            again: RawPeer.frame(0, flags: 8, stream: 1, payload: [255] + [UInt8](repeating: 0, count: 255))),
    ]) func floods(_ flood: Flood) async throws {
        let loop = try await start()
        try await loop.run { abuse in
            abuse.peer.greet()
            abuse.peer.send(flood.begin)
            let many = [[UInt8]](repeating: flood.again, count: max(1, 16_384 / flood.again.count)).flatMap { $0 }
            abuse.peer.flood(many, until: 1 << 30)
        }
        try await ends(loop)
        #expect(try await loop.run { $0.stage.server.statistics.connectionsAbusive } == 1)
        #expect(try await loop.run { $0.peer.goaway?.code } == Self.calm)
    }

    @Test func rapidReset() async throws {
        let loop = try await start()
        try await loop.run { abuse in
            abuse.peer.greet()
            for number in UInt32(0)..<200_000 where abuse.peer.stream != nil {
                let id = 2 * number + 1
                abuse.peer.send(RawPeer.call(id, path: "/test/Hold") + RawPeer.message(id, [1]) + RawPeer.reset(id))
            }
        }
        try await ends(loop)
        let counts = try await loop.run { $0.stage.server.statistics }
        let end = try await loop.run { ($0.peer.goaway, $0.peer.end) }
        #expect(counts.connectionsAbusive == 1, "\(end) \(counts)")
        #expect(counts.callsStarted < 10_000)
        #expect(counts.callsOpen == 0)
    }

    @Test func streamsThatTheServerItselfMustReset() async throws {
        let loop = try await start()
        try await loop.run { abuse in
            abuse.peer.greet()
            for number in UInt32(0)..<200_000 where abuse.peer.stream != nil {
                let id = 2 * number + 1
                // A window update of nothing is an error of the stream.
                abuse.peer.send(RawPeer.call(id, path: "/test/Hold") + RawPeer.windowUpdate(id, 0))
            }
        }
        try await ends(loop)
        #expect(try await loop.run { $0.stage.server.statistics.callsStarted } < 10_000)
    }

    @Test func pingsWithoutCallsAreStrikes() async throws {
        let loop = try await start()
        try await loop.run { abuse in
            abuse.peer.greet()
            for _ in 0..<4 { abuse.peer.send(RawPeer.frame(6, payload: [UInt8](repeating: 1, count: 8))) }
        }
        try await ends(loop)
        #expect(try await loop.run { $0.peer.goaway?.words } == "too_many_pings")
        #expect(try await loop.run { $0.peer.goaway?.code } == Self.calm)
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "\u{16}\u{3}\u{1}\u{0}\u{5}hello",
        String(repeating: "garbage ", count: 50_000),
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nthis is no frame at all, is it?", "PRI * HTTP/2.0\r\n\r\nSM\r\n\rX",
    ]) func garbage(text: String) async throws {
        let loop = try await start()
        try await loop.run { $0.peer.send(Array(text.utf8)) }
        try await ends(loop)
    }

    @Test func framesThatMayNotBe() async throws {
        let headers = RawPeer.block(RawPeer.request)
        let wrong: [(String, [UInt8])] = [
            ("a frame that is too long", RawPeer.frame(0, stream: 1, payload: [UInt8](repeating: 0, count: 16_385))),
            ("data of no stream", RawPeer.frame(0, stream: 0, payload: [1])),
            ("headers of an even stream", RawPeer.frame(1, flags: 4, stream: 2, payload: headers)),
            ("a continuation of nothing", RawPeer.frame(9, flags: 4, stream: 1, payload: headers)),
            (
                "another frame inside headers",
                RawPeer.frame(1, stream: 1, payload: headers) + RawPeer.frame(6, payload: [1, 2, 3, 4, 5, 6, 7, 8])
            ),
            ("a ping of seven bytes", RawPeer.frame(6, payload: [1, 2, 3, 4, 5, 6, 7])),
            ("settings of five bytes", RawPeer.frame(4, payload: [0, 0, 0, 0, 0])),
            ("a window beyond 2^31", RawPeer.windowUpdate(0, 0x7FFF_FFFF) + RawPeer.windowUpdate(0, 0x7FFF_FFFF)),
            ("an initial window beyond 2^31", RawPeer.frame(4, payload: [0, 4, 255, 255, 255, 255])),
            ("broken HPACK", RawPeer.frame(1, flags: 4, stream: 1, payload: [0x80, 0xFF, 0xFF])),
            ("a push promise", RawPeer.frame(5, flags: 4, stream: 1, payload: [0, 0, 0, 2] + headers)),
        ]
        for (name, bytes) in wrong {
            let loop = try await start()
            try await loop.run { abuse in
                abuse.peer.greet()
                abuse.peer.send(bytes)
            }
            try await ends(loop, "\(name)")
        }
    }

    @Test func aClientThatTakesNothing() async throws {
        let loop = try await start { $0.responseSeconds = 0.1 }
        try await loop.run { abuse in
            // An initial window of 0: no answer can be sent.
            abuse.peer.greet(settings: [0, 4, 0, 0, 0, 0])
            for id in stride(from: UInt32(1), to: 201, by: 2) {
                abuse.peer.send(RawPeer.call(id) + RawPeer.message(id, [1, 2, 3]))
            }
        }
        #expect(try await eventually { try await loop.run { $0.stage.server.statistics.callsStarted } == 100 })
        #expect(try await eventually { try await loop.run { $0.stage.server.statistics.callsOpen } == 0 })
        #expect(try await eventually { try await loop.run { $0.peer.frames.count { $0.type == 3 } } == 100 })
    }

    @Test func windowsThatOpenByteByByte() async throws {
        let loop = try await start()
        try await loop.run { abuse in
            abuse.peer.greet(settings: [0, 4, 0, 0, 0, 0])
            abuse.peer.send(RawPeer.call(1, path: "/test/Big") + RawPeer.message(1, []))
            abuse.peer.flood(RawPeer.windowUpdate(1, 1), until: 1 << 30)
        }
        try await ends(loop)
        #expect(try await loop.run { $0.stage.server.statistics.connectionsAbusive } == 1)
    }

    @Test(arguments: [[], Array(RawPeer.preface.prefix(10)), RawPeer.preface])
    func slowToSayHello(bytes: [UInt8]) async throws {
        let loop = try await start { $0.handshakeSeconds = 0.1 }
        try await loop.run { $0.peer.send(bytes) }
        try await ends(loop)
        #expect(try await loop.run { $0.stage.server.statistics.connectionsTimedOut } == 1)
    }

    @Test func aRequestThatNeverEnds() async throws {
        let loop = try await start { $0.requestSeconds = 0.1 }
        try await loop.run { abuse in
            abuse.peer.greet()
            abuse.peer.send(RawPeer.call(1) + RawPeer.frame(0, stream: 1, payload: [0, 0, 0, 1, 0, 7]))
        }
        #expect(
            try await eventually { try await loop.run { $0.peer.frames.contains { $0.type == 3 && $0.stream == 1 } } })
        #expect(try await loop.run { $0.stage.reports.map(\.code) } == [.deadlineExceeded])
        #expect(try await eventually { try await loop.run { $0.stage.server.statistics.callsOpen } == 0 })
        #expect(try await loop.run { $0.stage.server.statistics.bufferedBytes } == 0)
    }

    @Test func aPeerThatIsGoneWithoutAWord() async throws {
        let loop = try await start {
            $0.keepaliveSeconds = 0.05
            $0.keepaliveTimeoutSeconds = 0.1
        }
        try await loop.run { $0.peer.greet() }
        #expect(try await eventually { try await loop.run { $0.peer.frames.contains { $0.type == 6 } } })
        // It does not answer the ping.
        try await ends(loop)
        #expect(try await loop.run { $0.stage.server.statistics.connectionsTimedOut } == 1)
    }

    @Test func noMoreConnectionsThanAllowed() async throws {
        let loop = try await start { $0.maxConnections = 1 }
        try await loop.run { $0.peer.greet() }
        #expect(try await eventually { try await loop.run { $0.stage.server.statistics.connectionsOpen } == 1 })
        let second = try await loop.run { abuse in
            let second = try RawPeer(abuse.stage.loop, port: abuse.stage.port)
            abuse.stage.keep = second
            return true
        }
        #expect(second)
        #expect(try await eventually { try await loop.run { $0.stage.server.statistics.connectionsRefused } == 1 })
        #expect(try await eventually { try await loop.run { ($0.stage.keep as? RawPeer)?.end } != nil })
    }

    /// One GiB of a header that never ends, against a process of its own whose time is counted.
    @Test(arguments: ["one field", "many fields", "Huffman"]) func anUnfinishedHeader(kind: String) async throws {
        let echo = try ChildProcess([try ProcessRunner.builtBinary("grpc-echo")])
        let line = try await echo.waitForOutput { $0.contains("PORT=") }
        let port = try #require(UInt16(line.dropFirst(5).prefix { $0.isNumber }))
        let loop = try await LoopThread { loop in
            let stage = try Stage(loop)
            let peer = try RawPeer(loop, port: port)
            stage.keep = peer
            return stage
        }
        let before = try cpuNanoseconds(echo.pid)
        try await loop.run { stage in
            guard let peer = stage.keep as? RawPeer else { return }
            peer.greet()
            var first: [UInt8] = RawPeer.block(RawPeer.request)
            var more: [UInt8]
            switch kind {
            case "one field":
                // A value of almost 2^28 bytes is announced.
                first += [0, 1, UInt8(ascii: "x"), 127, 255, 255, 255, 127]
                more = [UInt8](repeating: UInt8(ascii: "v"), count: 16_384)
            case "many fields": more = [[UInt8]](repeating: [0, 1, 0x78, 1, 0x79], count: 3_276).flatMap { $0 }
            default:
                first += [0, 1, UInt8(ascii: "x"), 255, 255, 255, 255, 127]
                more = [UInt8](repeating: 0, count: 16_384)
            }
            peer.send(RawPeer.frame(1, stream: 1, payload: first))
            peer.flood(RawPeer.frame(9, stream: 1, payload: more), until: 1 << 30)
        }
        #expect(try await eventually { try await loop.run { ($0.keep as? RawPeer)?.end } != nil })
        let spent = try cpuNanoseconds(echo.pid) - before
        #expect(spent < 50_000_000, "\(spent) ns")
        #expect(try await loop.run { ($0.keep as? RawPeer)?.sent ?? 0 } < 100 << 20)
    }

    private func cpuNanoseconds(_ pid: pid_t) throws -> Int64 {
        let file = open("/proc/\(pid)/schedstat", O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 128)
        let count = read(file, &buffer, buffer.count)
        return try #require(Int64(String(decoding: buffer.prefix(max(0, count)).prefix { $0 != 0x20 }, as: UTF8.self)))
    }
}
