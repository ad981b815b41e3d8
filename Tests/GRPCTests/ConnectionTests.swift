import EventLoop
import GRPC
import Lifecycle
import LoopTestSupport
import TestSupport
import Testing

@Suite struct ConnectionTests {
    private func configuration(_ change: (inout GRPCServerConfiguration) -> Void) -> GRPCServerConfiguration {
        var configuration = GRPCServerConfiguration()
        configuration.housekeepingSeconds = 0.01
        change(&configuration)
        return configuration
    }

    @Test func nobodyThere() async throws {
        let port = try FreePort.next()
        let loop = try await LoopThread { loop in
            let stage = try Stage(loop)
            _ = try stage.channel(port: port)
            return stage
        }
        let failed = try await loop.call("/test/Echo", [1])
        #expect(failed.status.code == .unavailable)
        #expect(failed.status.message.contains("refused"))
        // Whoever waits for a connection does so until the deadline.
        let waited = try await loop.call("/test/Echo", [1], within: 0.1, waitsForReady: true)
        #expect(waited.status.code == .deadlineExceeded)
    }

    @Test func aCallThatWaitsIsSentWhenTheServerComes() async throws {
        let port = try FreePort.next()
        let loop = try await LoopThread { loop in
            let stage = try Stage(loop)
            stage.port = port
            _ = try stage.channel(port: port)
            return stage
        }
        async let waiting = loop.call("/test/Echo", [7], waitsForReady: true)
        #expect(try await loop.call("/test/Echo", [1]).status.code == .unavailable)
        try await loop.run { try $0.restart() }
        #expect(try await waiting.message == [7])
    }

    @Test func callsInFlightFinishWhenTheServerStops() async throws {
        let loop = try await LoopThread { loop in try Stage(loop) }
        async let held = loop.call("/test/Hold", [3])
        #expect(try await eventually { try await loop.run { $0.held.count } == 1 })
        async let stopped: Bool = loop.wait { stage, done in
            stage.server.stop(withinSeconds: 20) { done(true) }
            // New calls find nobody who listens.
            stage.whenHeld(1) {}
        }
        #expect(try await eventually { try await loop.call("/test/Echo", [1]).status.code == .unavailable })
        try await loop.run { $0.held[0].respond($0.held[0].request) }
        #expect(try await held.message == [3])
        #expect(try await stopped)
        #expect(try await loop.run { $0.server.statistics.connectionsOpen } == 0)
        // And the client finds the next server by itself.
        try await loop.run { try $0.restart() }
        #expect(try await loop.call("/test/Echo", [4], waitsForReady: true).message == [4])
    }

    @Test func aStopCutsOffWhatTakesTooLong() async throws {
        let settings = configuration { _ in }
        let loop = try await LoopThread { loop in try Stage(loop, settings) }
        async let held = loop.call("/test/Hold", [3])
        #expect(try await eventually { try await loop.run { $0.held.count } == 1 })
        let stopped: Bool = try await loop.wait { stage, done in
            stage.server.stop(withinSeconds: 0.05) { done(true) }
        }
        #expect(stopped)
        #expect(try await held.status.code == .unavailable)
        #expect(try await loop.run { $0.cancelled } == 1)
    }

    @Test func oldConnectionsAreReplacedWithoutLosingACall() async throws {
        let settings = configuration {
            $0.maxConnectionAgeSeconds = 0.05
            $0.maxConnectionAgeGraceSeconds = 20
        }
        let loop = try await LoopThread { loop in try Stage(loop, settings) }
        let outcome: [Int] = try await loop.wait { stage, done in
            do {
                let channel = try stage.channel()
                var (good, bad) = (0, 0)
                func next() {
                    // Until ten connections have grown old, with calls under way all the time.
                    if stage.server.statistics.connectionsAccepted >= 12 { return }
                    [UInt8]([9]).withUnsafeBytes { bytes in
                        _ = channel.call(
                            GRPCMethod("/test/Echo"), deadline: stage.loop.now.advanced(bySeconds: 20), message: bytes
                        ) { answer in
                            if answer.status == .ok { good += 1 } else { bad += 1 }
                            next()
                            if channel.openCalls == 0 { done([good, bad]) }
                        }
                    }
                }
                for _ in 0..<20 { next() }
            } catch { done([]) }
        }
        #expect(outcome.count == 2)
        #expect(outcome.first ?? 0 > 100)
        #expect(outcome.last == 0)
    }

    @Test func refusedStreamsAreTriedAgain() async throws {
        let settings = configuration { $0.maxOpenCalls = 1 }
        let loop = try await LoopThread { loop in
            let stage = try Stage(loop, settings)
            var client = GRPCChannelConfiguration()
            client.maxTransparentRetries = 2
            _ = try stage.channel(client)
            return stage
        }
        async let held = loop.call("/test/Hold", [3])
        #expect(try await eventually { try await loop.run { $0.held.count } == 1 })
        let refused = try await loop.call("/test/Echo", [1])
        #expect(refused.status.code == .unavailable)
        #expect(try await loop.run { $0.server.statistics.callsRefused } == 3)
        try await loop.run { $0.held[0].respond($0.held[0].request) }
        #expect(try await held.status == .ok)
        #expect(try await loop.call("/test/Echo", [1]).status == .ok)
    }

    @Test func idleConnectionsEnd() async throws {
        let settings = configuration { $0.maxConnectionIdleSeconds = 0.02 }
        let loop = try await LoopThread { loop in
            let stage = try Stage(loop, settings)
            var client = GRPCChannelConfiguration()
            client.backoffSeconds = 3_600
            client.maxBackoffSeconds = 3_600
            client.connections = 1
            _ = try stage.channel(client)
            return stage
        }
        #expect(try await loop.call("/test/Echo", [1]).status == .ok)
        #expect(try await eventually { try await loop.run { $0.server.statistics.connectionsAccepted } >= 2 })
    }

    @Test func mutualTLSWithAReload() async throws {
        let files = try await Certificates()
        let loop = try await LoopThread { loop in
            let tls = try TLSContext(
                .server,
                files: .init(certificate: files.server, key: files.serverKey, authority: files.authority),
                protocolName: "h2")
            let stage = try Stage(loop, tls: tls)
            let client = try TLSContext(
                .client,
                files: .init(certificate: files.client, key: files.clientKey, authority: files.authority),
                protocolName: "h2")
            _ = try stage.channel(tls: client)
            return stage
        }
        let message = [UInt8](repeating: 5, count: 500_000)
        #expect(try await loop.call("/test/Echo", message).message == message)
        #expect(try await loop.call("/test/Peer", [1]).status == .ok)
        #expect(try await loop.run { $0.peers } == ["points-service"])
        try await files.makeServer(commonName: "renewed")
        try await loop.run { try $0.serverTLS?.reload() }
        #expect(try await loop.call("/test/Echo", [2]).message == [2])
        // Without a certificate of its own a client gets nowhere.
        let stranger: Answer = try await loop.wait { stage, done in
            do {
                let tls = try TLSContext(.client, files: .init(authority: files.authority), protocolName: "h2")
                var limits = GRPCChannelConfiguration()
                limits.connections = 1
                let channel = try stage.channel(limits, tls: tls)
                [UInt8]([1]).withUnsafeBytes { bytes in
                    _ = channel.call(
                        GRPCMethod("/test/Echo"), deadline: stage.loop.now.advanced(bySeconds: 20), message: bytes
                    ) { done(Answer($0)) }
                }
            } catch { done(Answer(failure: error)) }
        }
        #expect(stranger.status.code == .unavailable)
    }

    @Test func aServerThatDiesFailsItsCalls() async throws {
        let loop = try await LoopThread { loop in try Stage(loop) }
        let echo = try ChildProcess([try ProcessRunner.builtBinary("grpc-echo")])
        let line = try await echo.waitForOutput { $0.contains("PORT=") }
        let port = try #require(UInt16(line.dropFirst(5).prefix { $0.isNumber }))
        try await loop.run { stage in _ = try stage.channel(port: port) }
        #expect(try await loop.call("/echo.v1.Echo/Echo", [6]).message == [6])
        // Standing still, it takes the call and never answers.
        echo.signal(19)
        async let lost = loop.call("/echo.v1.Echo/Echo", [7])
        #expect(try await eventually { try await loop.run { $0.channels[0].openCalls } == 1 })
        echo.signal(9)
        #expect(try await lost.status.code == .unavailable)
    }

    @Test func aServerThatStandsStillIsNoticed() async throws {
        let loop = try await LoopThread { loop in try Stage(loop) }
        let echo = try ChildProcess([try ProcessRunner.builtBinary("grpc-echo")])
        let line = try await echo.waitForOutput { $0.contains("PORT=") }
        let port = try #require(UInt16(line.dropFirst(5).prefix { $0.isNumber }))
        try await loop.run { stage in
            var limits = GRPCChannelConfiguration()
            limits.housekeepingSeconds = 0.01
            limits.keepaliveSeconds = 0.05
            limits.keepaliveTimeoutSeconds = 0.1
            _ = try stage.channel(limits, port: port)
        }
        #expect(try await loop.call("/echo.v1.Echo/Echo", [6]).message == [6])
        echo.signal(19)
        let lost = try await loop.call("/echo.v1.Echo/Echo", [7], within: 60)
        #expect(lost.status.code == .unavailable)
        #expect(lost.status.message.contains("ping"))
        echo.signal(9)
    }
}
