import EventLoop
import GRPC
import Lifecycle
import LoopTestSupport

/// A server with a few methods, and channels to it, on one loop.
final class Stage {
    let loop: EventLoop
    var server: GRPCServer
    var port: UInt16
    var channels: [GRPCChannel] = []
    var serverTLS: TLSContext?
    /// Calls of `/test/Hold`, which are answered when a test says so.
    var held: [GRPCCall] = []
    var cancelled = 0
    private var holdWaiter: (count: Int, action: () -> Void)?
    var reports: [GRPCCallReport] = []
    var peers: [String] = []
    /// Whatever else a test has on the loop.
    var keep: AnyObject?

    init(
        _ loop: EventLoop, _ configuration: GRPCServerConfiguration = .init(), tls: TLSContext? = nil
    ) throws {
        self.loop = loop
        serverTLS = tls
        server = try GRPCServer(loop, configuration: configuration, tls: tls)
        port = 0
        port = try prepare(server, port: 0)
    }

    /// Gives a server its methods and lets it listen.
    private func prepare(_ server: GRPCServer, port: UInt16) throws -> UInt16 {
        server.handle("/test/Echo") { call in
            var trailers = GRPCMetadata()
            trailers.add("x-count", String(call.request.count))
            if let text = call.metadata("x-text") { trailers.add("x-text", text) }
            for value in call.binaryMetadata("x-data-bin") ?? [] { trailers.add("x-data-bin", bytes: value) }
            call.respond(call.request, trailers: trailers)
        }
        server.handle("/test/Fail") { call in
            call.fail(
                .badRequest("the badge is missing: ☃ 100%\n", [.init(field: "badge", description: "must not be empty")])
            )
        }
        server.handle("/test/Busy") { call in
            call.fail(.retry(.resourceExhausted, "later", afterNanoseconds: 1_500_000_000))
        }
        server.handle("/test/Deadline") { call in
            // Answers with the nanoseconds that are left, or 0.
            let left = call.deadline.map { $0.nanoseconds(since: MonotonicInstant.now()) } ?? 0
            withUnsafeBytes(of: left) { call.respond($0) }
        }
        server.handle("/test/Big") { call in
            call.respond(byteCount: 300_000) {
                $0.initializeMemory(as: UInt8.self, repeating: UInt8(ascii: "x"))
                return 300_000
            }
        }
        server.handle("/test/Initial") { call in
            var metadata = GRPCMetadata()
            metadata.add("x-first", "one")
            call.setInitialMetadata(metadata)
            call.respond(call.request)
            call.respond(call.request)
            call.fail(GRPCStatus(.internal, "too late"))
        }
        server.handle("/test/Peer") { [unowned self] call in
            peers.append(call.peerCertificate?.commonName ?? "nobody")
            call.respond(call.request)
        }
        server.handle("/test/Hold") { [unowned self] call in
            held.append(call)
            if let waiter = holdWaiter, held.count >= waiter.count { waiter.action() }
            call.onCancel { [unowned self] in cancelled += 1 }
        }
        server.observer = { [unowned self] in reports.append($0) }
        server.health.set(.serving)
        return try server.listen(host: "127.0.0.1", port: port).port
    }

    /// Calls `action` when the server holds so many calls.
    func whenHeld(_ count: Int, _ action: @escaping () -> Void) { holdWaiter = (count, action) }

    func channel(
        _ configuration: GRPCChannelConfiguration = .init(), port: UInt16? = nil, tls: TLSContext? = nil
    ) throws -> GRPCChannel {
        let channel = try GRPCChannel(
            loop, host: "127.0.0.1", port: port ?? self.port, configuration: configuration, tls: tls)
        channels.append(channel)
        return channel
    }

    /// A fresh server in the place of one that stopped.
    func restart(_ configuration: GRPCServerConfiguration = .init()) throws {
        server = try GRPCServer(loop, configuration: configuration, tls: serverTLS)
        port = try prepare(server, port: port)
    }

    deinit { for channel in channels { channel.close() } }
}

/// What a test keeps of an answer.
struct Answer: Sendable, Equatable {
    var status: GRPCStatus
    var message: [UInt8] = []
    var initial: String?
    var trailer: String?
    var binary: [[UInt8]]?

    init(_ answer: GRPCAnswer) {
        status = answer.status
        message = Array(answer.message)
        initial = answer.initialMetadata("x-first")
        trailer = answer.trailers("x-text")
        binary = answer.binaryTrailers("x-data-bin")
    }

    init(failure: any Error) { status = GRPCStatus(.unknown, "test: \(failure)") }
}

extension LoopThread where Stage == GRPCTests.Stage {
    /// One call over the stage's first channel.
    func call(
        _ path: String, _ message: [UInt8] = [], within seconds: Double? = 20, metadata: GRPCMetadata? = nil,
        waitsForReady: Bool = false
    ) async throws -> Answer {
        try await wait { stage, done in
            do {
                let channel = if let first = stage.channels.first { first } else { try stage.channel() }
                _ = message.withUnsafeBytes { bytes in
                    channel.call(
                        GRPCMethod(path), deadline: seconds.map { stage.loop.now.advanced(bySeconds: $0) },
                        metadata: metadata, waitsForReady: waitsForReady, message: bytes
                    ) { done(Answer($0)) }
                }
            } catch { done(Answer(failure: error)) }
        }
    }
}
