import EventLoop
import GRPC
import LoopTestSupport
import TestSupport
import Testing

@Suite(.enabled(if: PythonPeer.isExpected, PythonPeer.absence)) struct InteropTests {
    @Test(arguments: [false, true]) func theirClientCallsOurServer(encrypted: Bool) async throws {
        let files = encrypted ? try await Certificates() : nil
        let loop = try await LoopThread { loop in
            var configuration = GRPCServerConfiguration()
            configuration.compressFromBytes = 100
            configuration.minPingSeconds = 10
            let tls = try files.map {
                try TLSContext(
                    .server, files: .init(certificate: $0.server, key: $0.serverKey, authority: $0.authority),
                    protocolName: "h2")
            }
            return try Stage(loop, configuration, tls: tls)
        }
        let port = try await loop.run { $0.port }
        let client = try PythonPeer.start(
            "client_cases",
            [String(port), files?.authority ?? "", files?.client ?? "", files?.clientKey ?? "", ""])
        try await client.waitForOutput(deadline: 120) { $0.contains("STOP\n") || $0.contains("DONE") }
        try await loop.run { stage in
            stage.server.stop(withinSeconds: 20) {}
            for call in stage.held { call.respond(call.request) }
        }
        let result = try await client.wait(deadline: 60)
        let lines = result.output.split(separator: "\n")
        for line in lines where line.hasPrefix("FAILED") { Issue.record("\(line)") }
        let count = lines.count { $0.hasPrefix("ok ") }
        #expect(lines.last == "DONE \(count)", "\(result.errors)")
        #expect(count >= 18)
        #expect(try await eventually { try await loop.run { $0.server.statistics.callsOpen } == 0 })
        #expect(try await loop.run { $0.server.statistics.connectionsAbusive } == 0)
    }

    private func server(_ options: [String] = [], files: Certificates? = nil) async throws -> (ChildProcess, UInt16) {
        let path = [files?.authority ?? "", files?.server ?? "", files?.serverKey ?? ""]
        let server = try PythonPeer.start("server", path + options, input: .open)
        let line = try await server.waitForOutput(deadline: 60) { $0.contains("PORT=") && $0.hasSuffix("\n") }
        return (server, try #require(UInt16(line.dropFirst(5).prefix { $0.isNumber })))
    }

    private func loop(
        to port: UInt16, files: Certificates? = nil, _ configuration: GRPCChannelConfiguration = .init()
    ) async throws -> LoopThread<Stage> {
        try await LoopThread { loop in
            let stage = try Stage(loop)
            let tls = try files.map {
                try TLSContext(
                    .client, files: .init(certificate: $0.client, key: $0.clientKey, authority: $0.authority),
                    protocolName: "h2")
            }
            _ = try stage.channel(configuration, port: port, tls: tls)
            return stage
        }
    }

    @Test(arguments: [false, true]) func ourClientCallsTheirServer(encrypted: Bool) async throws {
        let files = encrypted ? try await Certificates() : nil
        let (server, port) = try await server(files: files)
        var configuration = GRPCChannelConfiguration()
        configuration.compressFromBytes = 1_000
        let loop = try await loop(to: port, files: files, configuration)
        for count in [0, 1, 999, 100_000, 3_000_000] {
            let message = (0..<count).map { UInt8(truncatingIfNeeded: $0 / 3) }
            #expect(try await loop.call("/test/Echo", message).message == message)
        }
        var metadata = GRPCMetadata()
        metadata.add("x-text", "some text")
        metadata.add("x-data-bin", bytes: [0, 1, 255])
        let echo = try await loop.call("/test/Echo", [1], metadata: metadata)
        #expect(echo.initial == "one")
        #expect(echo.trailer == "some text")
        #expect(echo.binary == [[0, 1, 255]])
        #expect(
            try await loop.call("/test/Fail").status
                == GRPCStatus(
                    .invalidArgument, "the badge is missing: ☃ 100%\n",
                    details: [
                        .badRequest([.init(field: "badge", description: "must not be empty")]),
                        .retryInfo(delayNanoseconds: 1_500_000_000),
                    ]))
        #expect(try await loop.call("/test/Nothing").status.code == .unimplemented)
        #expect(try await loop.call("/test/Crash").status.code == .unknown)
        #expect(try await loop.call("/test/Hold", within: 0.1).status.code == .deadlineExceeded)
        let left = try await loop.call("/test/Deadline", within: 500).message.withUnsafeBytes {
            $0.loadUnaligned(as: Int64.self)
        }
        #expect(left > 0 && left <= 500_000_000_000)
        let text = [UInt8](repeating: UInt8(ascii: "z"), count: 100_000)
        #expect(try await loop.call("/test/Gzip", text).message == text)
        server.closeInput()
        #expect(try await server.wait(deadline: 30).exitCode == 0)
    }

    @Test func manyCallsOverTheirFewStreams() async throws {
        let (server, port) = try await server(["grpc.max_concurrent_streams=5"])
        let loop = try await loop(to: port)
        let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
            for number in 0..<300 {
                group.addTask { try await loop.call("/test/Echo", [UInt8(truncatingIfNeeded: number)]) }
            }
            return try await group.reduce(into: [Answer]()) { $0.append($1) }
        }
        #expect(answers.filter { $0.status != .ok }.first?.status == nil)
        #expect(answers.count == 300)
        server.closeInput()
    }

    @Test func theirConnectionsGrowOldWithoutALostCall() async throws {
        let (server, port) = try await server([
            "grpc.max_connection_age_ms=200", "grpc.max_connection_age_grace_ms=20000",
        ])
        let loop = try await loop(to: port)
        let end = monotonicSeconds() + 1.5
        try await withThrowingTaskGroup(of: [Answer].self) { group in
            for _ in 0..<4 {
                group.addTask {
                    var bad: [Answer] = []
                    while monotonicSeconds() < end {
                        let answer = try await loop.call("/test/Echo", [1])
                        if answer.status != .ok { bad.append(answer) }
                    }
                    return bad
                }
            }
            for try await bad in group { #expect(bad == []) }
        }
        server.closeInput()
    }

    @Test func theirShutdownLetsOurCallFinish() async throws {
        let (server, port) = try await server()
        let loop = try await loop(to: port)
        _ = try await loop.call("/test/Echo", [1])
        async let slow = loop.call("/test/Slow", [8])
        try await server.waitForOutput { $0.contains("SLOW") }
        server.closeInput()
        #expect(try await slow.message == [8])
        #expect(try await server.wait(deadline: 30).exitCode == 0)
        #expect(try await eventually { try await loop.call("/test/Echo", [1]).status.code == .unavailable })
    }
}
