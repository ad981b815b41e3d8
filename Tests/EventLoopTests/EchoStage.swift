import EventLoop

/// A server that sends back what it gets, and a client, on one loop.
final class EchoStage {
    let loop: EventLoop
    var listener: StreamListener?
    var tls: TLSContext?
    var served: [EchoConnection] = []
    var clients: [TestClient] = []
    /// What the server's connections ended with.
    var ends: [String] = []
    var acceptErrors: [String] = []
    /// Common names of the clients' certificates.
    var peers: [TLSPeer] = []
    /// What a connection says, instead of an echo, before it ends.
    var goodbye: [UInt8]?

    init(_ loop: EventLoop, tls: TLSContext? = nil) throws {
        self.loop = loop
        self.tls = tls
        listener = try StreamListener(loop, host: "127.0.0.1", port: 0) { [unowned self] descriptor in
            do { served.append(try EchoConnection(self, descriptor)) } catch { acceptErrors.append("\(error)") }
        }
    }
}

final class EchoConnection: ByteStreamDelegate {
    private unowned let stage: EchoStage
    private(set) var stream: ByteStream?

    init(_ stage: EchoStage, _ descriptor: Int32) throws {
        self.stage = stage
        let stream = try ByteStream(stage.loop, accepted: descriptor, tls: stage.tls, delegate: self)
        self.stream = stream
        stream.start()
    }

    func streamOpened() {
        if let peer = stream?.peerCertificate { stage.peers.append(peer) }
    }
    func streamReceived(_ bytes: UnsafeRawBufferPointer) {
        guard let goodbye = stage.goodbye else { return stream?.send(bytes) ?? () }
        goodbye.withUnsafeBytes { stream?.send($0) }
        stream?.finish()
        stream = nil
    }
    func streamDrained() {}
    func streamEnded(_ reason: StreamEnd) {
        stage.ends.append("\(reason)")
        stream = nil
    }
}

final class TestClient: ByteStreamDelegate {
    private(set) var stream: ByteStream?
    private(set) var received: [UInt8] = []
    private(set) var end: String?
    private(set) var isOpen = false
    private(set) var applicationProtocol: String?
    private let expected: Int
    private let whenDone: (TestClient) -> Void

    /// Sends `bytes` and calls `whenDone` when as many have come back, or the connection ended.
    init(
        _ stage: EchoStage, to address: SocketAddress?, tls: TLSContext? = nil, serverName: String = "127.0.0.1",
        sending bytes: [UInt8], whenDone: @escaping (TestClient) -> Void
    ) throws {
        expected = bytes.count
        self.whenDone = whenDone
        guard let address else { throw EventLoopError("no address") }
        let stream = try ByteStream(stage.loop, to: address, tls: tls, serverName: serverName, delegate: self)
        self.stream = stream
        stream.start()
        bytes.withUnsafeBytes { stream.send($0) }
        stage.clients.append(self)
    }

    func streamOpened() {
        isOpen = true
        applicationProtocol = stream?.applicationProtocol
    }
    func streamReceived(_ bytes: UnsafeRawBufferPointer) {
        received += bytes
        if received.count == expected { whenDone(self) }
    }
    func streamDrained() {}
    func streamEnded(_ reason: StreamEnd) {
        end = "\(reason)"
        stream = nil
        whenDone(self)
    }
}
