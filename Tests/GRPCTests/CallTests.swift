import EventLoop
import GRPC
import Lifecycle
import LoopTestSupport
import TestSupport
import Testing

@Suite struct CallTests {
    @Test(arguments: [0, 1, 66, 16_379, 16_384, 70_000, 3_000_000]) func echoes(count: Int) async throws {
        let loop = try await LoopThread { loop in try Stage(loop) }
        let message = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let answer = try await loop.call("/test/Echo", message)
        #expect(answer.status == .ok)
        #expect(answer.message == message)
    }

    @Test func metadataGoesBothWays() async throws {
        let loop = try await LoopThread { loop in try Stage(loop) }
        var metadata = GRPCMetadata()
        metadata.add("x-text", "some text")
        metadata.add("x-data-bin", bytes: [0, 1, 255])
        metadata.add("x-data-bin", bytes: [])
        let answer = try await loop.call("/test/Echo", [1], metadata: metadata)
        #expect(answer.trailer == "some text")
        #expect(answer.binary == [[0, 1, 255], []])
        let initial = try await loop.call("/test/Initial", [5])
        #expect(initial.initial == "one")
        #expect(initial.message == [5])
    }

    @Test func statusesCarryDetails() async throws {
        let loop = try await LoopThread { loop in try Stage(loop) }
        let failed = try await loop.call("/test/Fail")
        #expect(
            failed.status
                == .badRequest(
                    "the badge is missing: ☃ 100%\n", [.init(field: "badge", description: "must not be empty")]))
        let busy = try await loop.call("/test/Busy")
        #expect(busy.status.code == .resourceExhausted)
        #expect(busy.status.retryDelay == 1_500_000_000)
        #expect(try await loop.call("/test/Nothing").status.code == .unimplemented)
    }

    @Test func deadlinesReachTheServerAndEndCalls() async throws {
        let loop = try await LoopThread { loop in try Stage(loop) }
        let left = try await loop.call("/test/Deadline", within: 500).message.withUnsafeBytes {
            $0.loadUnaligned(as: Int64.self)
        }
        #expect(left > 0 && left <= 500_000_000_000)
        #expect(try await loop.call("/test/Deadline", within: nil).message == [UInt8](repeating: 0, count: 8))
        #expect(try await loop.call("/test/Hold", within: 0.05).status.code == .deadlineExceeded)
        #expect(try await loop.call("/test/Hold", within: -1).status.code == .deadlineExceeded)
        // The server's handler hears of it, and the handle is void.
        #expect(try await eventually { try await loop.run { $0.cancelled } >= 1 })
        #expect(try await loop.run { stage in stage.held.allSatisfy { !$0.isOpen && $0.request.isEmpty } })
        #expect(try await eventually { try await loop.run { $0.server.statistics.callsOpen } == 0 })
    }

    @Test func aCancelledCallIsCancelledOnTheServer() async throws {
        let loop = try await LoopThread { loop in try Stage(loop) }
        let done = try await loop.run { stage -> Bool in
            let channel = try stage.channel()
            _ = [UInt8]([1]).withUnsafeBytes { bytes in
                channel.call(GRPCMethod("/test/Hold"), deadline: nil, message: bytes) { answer in
                    stage.peers.append("\(answer.status.code)")
                }
            }
            return true
        }
        #expect(done)
        #expect(try await eventually { try await loop.run { $0.held.count } == 1 })
        let second: Answer = try await loop.wait { stage, done in
            let handle = [UInt8]([2]).withUnsafeBytes { bytes in
                stage.channels[0].call(GRPCMethod("/test/Hold"), deadline: nil, message: bytes) { done(Answer($0)) }
            }
            handle.cancel()
            handle.cancel()
        }
        #expect(second.status.code == .cancelled)
        let third: Answer = try await loop.wait { stage, done in
            let handle = [UInt8]([2]).withUnsafeBytes { bytes in
                stage.channels[0].call(GRPCMethod("/test/Hold"), deadline: nil, message: bytes) { done(Answer($0)) }
            }
            stage.whenHeld(2) { handle.cancel() }
        }
        #expect(third.status.code == .cancelled)
        #expect(try await eventually { try await loop.run { $0.cancelled } == 1 })
        #expect(try await loop.run { $0.held[0].isOpen })
        #expect(try await loop.run { $0.peers }.isEmpty)
    }

    @Test func messagesThatAreTooLargeAreRefused() async throws {
        let loop = try await LoopThread { loop in
            var server = GRPCServerConfiguration()
            server.maxRequestBytes = 1_000
            let stage = try Stage(loop, server)
            var client = GRPCChannelConfiguration()
            client.maxResponseBytes = 10_000
            _ = try stage.channel(client)
            return stage
        }
        #expect(try await loop.call("/test/Echo", [UInt8](repeating: 1, count: 1_000)).status == .ok)
        let refused = try await loop.call("/test/Echo", [UInt8](repeating: 1, count: 900_000))
        #expect(refused.status.code == .resourceExhausted)
        #expect(refused.status.message.contains("1000"))
        #expect(try await loop.call("/test/Big").status.code == .resourceExhausted)
        #expect(try await loop.call("/test/Echo", [1]).message == [1])
        #expect(try await eventually { try await loop.run { $0.server.statistics.bufferedBytes } == 0 })
    }

    @Test func requestsAreHeldWithinABound() async throws {
        let loop = try await LoopThread { loop in
            var server = GRPCServerConfiguration()
            server.maxBufferedBytes = 150_000
            return try Stage(loop, server)
        }
        let message = [UInt8](repeating: 1, count: 100_000)
        async let first = loop.call("/test/Hold", message)
        #expect(try await eventually { try await loop.run { $0.held.count } == 1 })
        #expect(try await loop.call("/test/Echo", message).status.code == .resourceExhausted)
        try await loop.run { $0.held[0].respond($0.held[0].request) }
        #expect(try await first.message == message)
        #expect(try await loop.call("/test/Echo", message).message == message)
    }

    @Test func gzipGoesBothWays() async throws {
        let loop = try await LoopThread { loop in
            var server = GRPCServerConfiguration()
            server.compressFromBytes = 100
            let stage = try Stage(loop, server)
            var client = GRPCChannelConfiguration()
            client.compressFromBytes = 100
            _ = try stage.channel(client)
            return stage
        }
        for count in [0, 99, 100, 200_000] {
            let message = [UInt8](repeating: UInt8(ascii: "a"), count: count)
            #expect(try await loop.call("/test/Echo", message).message == message)
        }
    }

    @Test func thousandsAtOnceOverFewStreams() async throws {
        let loop = try await LoopThread { loop in
            var server = GRPCServerConfiguration()
            server.maxConcurrentStreams = 7
            return try Stage(loop, server)
        }
        let good: Int = try await loop.wait { stage, done in
            do {
                let channel = try stage.channel()
                var left = 2_000
                var good = 0
                for number in UInt32(0)..<2_000 {
                    _ = withUnsafeBytes(of: number) { bytes in
                        channel.call(
                            GRPCMethod("/test/Echo"), deadline: stage.loop.now.advanced(bySeconds: 60), message: bytes
                        ) { answer in
                            left -= 1
                            if withUnsafeBytes(of: number, { answer.message.elementsEqual($0) }) { good += 1 }
                            if left == 0 { done(good) }
                        }
                    }
                }
            } catch { done(-1) }
        }
        #expect(good == 2_000)
        #expect(try await loop.call("/test/Echo", [1]).message == [1])
        #expect(try await loop.run { $0.server.statistics.connectionsAccepted } <= 2)
    }

    @Test func tooManyCallsFailAtOnce() async throws {
        let loop = try await LoopThread { loop in
            let stage = try Stage(loop)
            var client = GRPCChannelConfiguration()
            client.maxCalls = 3
            _ = try stage.channel(client)
            return stage
        }
        let codes: [GRPCCode] = try await loop.wait { stage, done in
            var codes: [GRPCCode] = []
            for _ in 0..<5 {
                _ = [UInt8]([1]).withUnsafeBytes { bytes in
                    stage.channels[0].call(GRPCMethod("/test/Echo"), deadline: nil, message: bytes) {
                        codes.append($0.status.code)
                        if codes.count == 5 { done(codes) }
                    }
                }
            }
        }
        #expect(codes.filter { $0 == .ok }.count == 3)
        #expect(codes.filter { $0 == .resourceExhausted }.count == 2)
    }

    @Test func callsAreReported() async throws {
        let loop = try await LoopThread { loop in try Stage(loop) }
        _ = try await loop.call("/test/Echo")
        _ = try await loop.call("/test/Fail")
        _ = try await loop.call("/test/Nothing")
        let reports = try await loop.run { $0.reports }
        #expect(reports.map(\.method) == ["/test/Echo", "/test/Fail", nil])
        #expect(reports.map(\.code) == [.ok, .invalidArgument, .unimplemented])
        #expect(reports.allSatisfy { $0.end >= $0.start })
    }
}
