import EventLoop
import LoopTestSupport

/// A client that sends whatever frames a test wants, and keeps those that come.
final class RawPeer: ByteStreamDelegate {
    struct Frame: Equatable, Sendable {
        var type: UInt8
        var flags: UInt8
        var stream: UInt32
        var payload: [UInt8]
    }

    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    private(set) var stream: ByteStream?
    private(set) var received: [UInt8] = []
    private(set) var sent = 0
    private(set) var end: String?
    /// What is sent again and again as fast as the server takes it, until so many bytes are out.
    private var flood: (bytes: [UInt8], until: Int)?

    init(_ loop: EventLoop, port: UInt16) throws {
        guard let address = SocketAddress.literal(host: "127.0.0.1", port: port) else {
            throw EventLoopError("no address")
        }
        let stream = try ByteStream(loop, to: address, tls: nil, serverName: "", delegate: self)
        self.stream = stream
        stream.start()
    }

    func send(_ bytes: [UInt8]) {
        sent += bytes.count
        bytes.withUnsafeBytes { stream?.send($0) }
    }

    /// Says hello as HTTP/2 wants it.
    func greet(settings: [UInt8] = []) { send(Self.preface + Self.frame(4, payload: settings)) }

    func flood(_ bytes: [UInt8], until: Int) {
        flood = (bytes, until)
        if stream?.isOpen == true { streamDrained() }
    }

    func streamOpened() { streamDrained() }
    func streamReceived(_ bytes: UnsafeRawBufferPointer) { received += bytes }
    func streamDrained() {
        while let flood, sent < flood.until, let stream, stream.backlog == 0 { send(flood.bytes) }
    }
    func streamEnded(_ reason: StreamEnd) {
        end = "\(reason)"
        stream = nil
    }

    /// The frames that have come whole.
    var frames: [Frame] {
        var frames: [Frame] = []
        var rest = received[...]
        while rest.count >= 9 {
            let head = Array(rest.prefix(9))
            let count = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
            guard rest.count >= 9 + count else { break }
            let stream = head[5...].reduce(0) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
            frames.append(
                Frame(type: head[3], flags: head[4], stream: stream, payload: Array(rest.dropFirst(9).prefix(count))))
            rest = rest.dropFirst(9 + count)
        }
        return frames
    }

    /// The error code of the last GOAWAY and its words; nil if none came.
    var goaway: (code: UInt32, words: String)? {
        frames.last { $0.type == 7 }.map { frame in
            (
                frame.payload[4..<8].reduce(0) { $0 << 8 | UInt32($1) },
                String(decoding: frame.payload.dropFirst(8), as: UTF8.self)
            )
        }
    }

    // MARK: Frames

    static func frame(_ type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, payload: [UInt8] = []) -> [UInt8] {
        let count = payload.count
        var bytes: [UInt8] = [UInt8(count >> 16 & 255), UInt8(count >> 8 & 255), UInt8(count & 255), type, flags]
        bytes += withUnsafeBytes(of: stream.bigEndian, Array.init)
        return bytes + payload
    }

    /// A header block without compression.
    static func block(_ fields: [(String, String)]) -> [UInt8] {
        var block: [UInt8] = []
        for (name, value) in fields {
            block.append(0)
            block += integer(name.utf8.count) + Array(name.utf8)
            block += integer(value.utf8.count) + Array(value.utf8)
        }
        return block
    }

    /// HPACK's integer with a prefix of seven bits.
    private static func integer(_ value: Int) -> [UInt8] {
        if value < 127 { return [UInt8(value)] }
        var rest = value - 127
        var bytes: [UInt8] = [127]
        while rest >= 128 {
            bytes.append(UInt8(rest & 127) | 128)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    static let request: [(String, String)] = [
        (":method", "POST"), (":scheme", "http"), (":path", "/test/Echo"), (":authority", "x"), ("te", "trailers"),
        ("content-type", "application/grpc"),
    ]

    /// The headers of a call; the message is to follow unless `ends`.
    static func call(
        _ stream: UInt32, _ fields: [(String, String)] = request, path: String? = nil, ends: Bool = false
    ) -> [UInt8] {
        var fields = fields
        if let path { fields[2].1 = path }
        return frame(1, flags: ends ? 5 : 4, stream: stream, payload: block(fields))
    }

    /// A message, the last thing on its stream.
    static func message(_ stream: UInt32, _ body: [UInt8], ends: Bool = true) -> [UInt8] {
        let prefix: [UInt8] = [0] + withUnsafeBytes(of: UInt32(body.count).bigEndian, Array.init)
        return frame(0, flags: ends ? 1 : 0, stream: stream, payload: prefix + body)
    }

    static func windowUpdate(_ stream: UInt32, _ increment: UInt32) -> [UInt8] {
        frame(8, stream: stream, payload: withUnsafeBytes(of: increment.bigEndian, Array.init))
    }

    static func reset(_ stream: UInt32) -> [UInt8] { frame(3, stream: stream, payload: [0, 0, 0, 8]) }
}
