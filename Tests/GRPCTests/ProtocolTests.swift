import EventLoop
import GRPC
import LoopTestSupport
import TestSupport
import Testing

/// What the server answers to requests that are not quite calls.
@Suite struct ProtocolTests {
    private func frames(_ bytes: [UInt8], until isDone: @escaping @Sendable ([RawPeer.Frame]) -> Bool) async throws
        -> [RawPeer.Frame]
    {
        let loop = try await LoopThread { loop in
            let stage = try Stage(loop)
            let peer = try RawPeer(loop, port: stage.port)
            stage.keep = peer
            peer.greet()
            peer.send(bytes)
            return stage
        }
        let current = { try await loop.run { ($0.keep as? RawPeer)?.frames ?? [] } }
        #expect(try await eventually { isDone(try await current()) })
        return try await current()
    }

    /// The answer's first header block as text: static fields are numbers in it, values stand plain or as Huffman codes.
    private func status(_ change: (inout [(String, String)]) -> Void) async throws -> UInt8? {
        var fields = RawPeer.request
        change(&fields)
        let frames = try await frames(RawPeer.call(1, fields, ends: true)) { frames in
            frames.contains { $0.type == 1 || $0.type == 3 }
        }
        return frames.first { $0.type == 1 }?.payload.first
    }

    @Test func requestsThatAreNotGRPC() async throws {
        // 0x88 is HPACK's number of `:status 200`; other statuses begin with a literal.
        #expect(try await status { _ in } == 0x88)
        #expect(try await status { $0[5].1 = "application/grpc+proto" } == 0x88)
        #expect(try await status { $0[5].1 = "application/grpc;charset=utf-8" } == 0x88)
        for kind in ["application/json", "application/grpc+json", "application/grpcx", "text/plain", ""] {
            #expect(try await status { $0[5].1 = kind } != 0x88, "\(kind)")
        }
        #expect(try await status { $0.removeLast() } != 0x88)
        #expect(try await status { $0[0].1 = "GET" } != 0x88)
    }

    @Test func trailersOfARequestAreTaken() async throws {
        let bytes =
            RawPeer.call(1) + RawPeer.message(1, [1, 2], ends: false)
            + RawPeer.frame(1, flags: 5, stream: 1, payload: RawPeer.block([("x-trailer", "1")]))
        let frames = try await frames(bytes) { $0.contains { $0.type == 0 } }
        #expect(frames.first { $0.type == 0 }?.payload == [0, 0, 0, 0, 2, 1, 2])
    }

    @Test func continuationsOfHeadersAreTaken() async throws {
        let block = RawPeer.block(RawPeer.request + [("x-long", String(repeating: "v", count: 5_000))])
        let bytes =
            RawPeer.frame(1, stream: 1, payload: Array(block[..<10]))
            + RawPeer.frame(9, stream: 1, payload: Array(block[10..<3_000]))
            + RawPeer.frame(9, flags: 4, stream: 1, payload: Array(block[3_000...])) + RawPeer.message(1, [9])
        let frames = try await frames(bytes) { $0.contains { $0.type == 0 } }
        #expect(frames.first { $0.type == 0 }?.payload == [0, 0, 0, 0, 1, 9])
    }

    @Test func anAnswerBeforeTheEndOfARequestStopsTheClient() async throws {
        // No such method: the answer does not wait for the message, and RST_STREAM with NO_ERROR says not to send it.
        let frames = try await frames(RawPeer.call(1, path: "/none/None")) { $0.contains { $0.type == 3 } }
        #expect(frames.first { $0.type == 3 }?.payload == [0, 0, 0, 0])
        #expect(frames.first { $0.type == 1 }.map { $0.flags & 1 } == 1)
    }

    @Test func pingsAreAnswered() async throws {
        let bytes: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
        let frames = try await frames(RawPeer.frame(6, payload: bytes)) { $0.contains { $0.type == 6 } }
        #expect(frames.first { $0.type == 6 } == RawPeer.Frame(type: 6, flags: 1, stream: 0, payload: bytes))
    }

    @Test(.enabled(if: ProcessRunner.isInstalled("nghttp"))) func nghttpReadsAnAnswer() async throws {
        let loop = try await LoopThread { loop in try Stage(loop) }
        let port = try await loop.run { $0.port }
        let directory = try ScratchDirectory()
        try directory.write("message", "\0\0\0\0\u{2}hi")
        let output = try await ProcessRunner.output(of: [
            "nghttp", "-v", "-H", ":method: POST", "-H", "te: trailers", "-H", "content-type: application/grpc", "-H",
            "grpc-timeout: 5S", "-d", directory.file("message"), "http://127.0.0.1:\(port)/test/Echo",
        ])
        #expect(output.contains(":status: 200"))
        #expect(output.contains("grpc-status: 0"))
        #expect(output.contains("x-count: 2"))
    }

    @Test(.enabled(if: ProcessRunner.isInstalled("h2load"))) func h2loadLosesNoCall() async throws {
        let loop = try await LoopThread { loop in try Stage(loop) }
        let port = try await loop.run { $0.port }
        let directory = try ScratchDirectory()
        try directory.write("message", "\0\0\0\0=" + String(repeating: "a", count: 61))
        let output = try await ProcessRunner.output(of: [
            "h2load", "-n", "20000", "-c", "10", "-m", "100", "-H", "te: trailers", "-H",
            "content-type: application/grpc", "-d", directory.file("message"), "http://127.0.0.1:\(port)/test/Echo",
        ])
        #expect(output.contains("20000 succeeded, 0 failed, 0 errored, 0 timeout"))
        #expect(output.contains("20000 2xx"))
        #expect(try await loop.run { $0.server.statistics.connectionsAbusive } == 0)
    }
}
