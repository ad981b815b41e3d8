import CNGHTTP2
import EventLoop
import Lifecycle

/// A client's connection.
final class ServerConnection: HTTP2Connection {
    enum Drain {
        case none
        /// Told that the end is near; calls that the client begins before it hears of it are still taken.
        case noticed
        /// Told which call is the last.
        case last
    }

    unowned let server: GRPCServer
    /// Where it is among the server's connections.
    var index = 0
    var open: [ServerCall] = []
    var budget: AbuseBudget
    let accepted: MonotonicInstant
    var isGreeted = false

    /// The call whose headers are coming; nil if they are trailers or of no interest.
    var arriving: ServerCall?
    /// Bytes of frames since the present header block began.
    var headerBlockBytes = 0
    /// Answers given before the whole request had come: the client must be told to stop sending.
    var earlyAnswers = 0

    var lastPing: MonotonicInstant?
    var pingStrikes = 0
    var keepaliveSince: MonotonicInstant?
    var lastHousekeeping: MonotonicInstant
    var lastCall: MonotonicInstant
    var stalledSince: MonotonicInstant?
    var stalledBacklog = 0

    var drain = Drain.none
    var drainSince: MonotonicInstant?
    var ageLimit: Int64?
    private(set) var peerCertificate: TLSPeer?

    init(_ server: GRPCServer, descriptor: Int32) throws(EventLoopError) {
        self.server = server
        budget = AbuseBudget(maxStreams: server.configuration.maxConcurrentStreams)
        accepted = server.loop.now
        lastHousekeeping = accepted
        lastCall = accepted
        ageLimit = server.configuration.maxConnectionAgeSeconds.map {
            // Spread, so that connections that began together do not end together.
            Int64(min($0, 1e9) * Double.random(in: 0.9...1.1) * 1e9)
        }
        super.init(server.loop, server.library)
        let stream = try ByteStream(server.loop, accepted: descriptor, tls: server.tls, delegate: self)
        self.stream = stream
        stream.start()
        if !stream.isEncrypted { greet() }
    }

    override func streamOpened() {
        guard stream?.applicationProtocol == "h2" else { return close() }
        peerCertificate = stream?.peerCertificate
        greet()
    }

    private func greet() {
        let limits = server.configuration
        begin(
            server: true,
            settings: [
                setting(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.maxConcurrentStreams),
                setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.streamWindow),
                setting(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits.maxHeaderBytes),
            ], window: Int32(clamping: limits.connectionWindow))
    }

    private func setting(_ id: nghttp2_settings_id, _ value: Int) -> nghttp2_settings_entry {
        nghttp2_settings_entry(settings_id: Int32(id.rawValue), value: UInt32(clamping: value))
    }

    override func ended(_ reason: StreamEnd) {
        arriving = nil
        while let call = open.last { close(call, cancelled: true) }
        server.remove(self)
    }

    // MARK: Frames

    override func bytesReceived(_ count: Int) {
        // The rest of a flood that comes in large pieces is seen with the next one.
        if budget.isExhausted { return endAbuse("too many bytes without calls") }
        budget.charge(bytes: count)
    }

    override func frameBegan(_ header: nghttp2_frame_hd) {
        budget.chargeFrame()
        if header.type == NGHTTP2_CONTINUATION.rawValue {
            headerBlockBytes += header.length
        } else {
            headerBlockBytes = header.length
        }
        // Compressed, a block that is within the limit is not larger than it.
        let isEndless =
            header.type == NGHTTP2_CONTINUATION.rawValue
            && headerBlockBytes > 4 * server.configuration.maxHeaderBytes
        if budget.frames < 0 || isEndless { endAbuse("too many frames without calls") }
    }

    func endAbuse(_ reason: StaticString) {
        server.statistics.connectionsAbusive += 1
        terminate(NGHTTP2_ENHANCE_YOUR_CALM, reason)
    }

    override func headersBegan(_ streamID: Int32) { begin(streamID) }

    override func headerReceived(_ streamID: Int32, name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        header(name, value)
    }

    override func dataReceived(_ streamID: Int32, _ bytes: UnsafeRawBufferPointer) { data(streamID, bytes) }

    override func frameReceived(_ frame: UnsafePointer<nghttp2_frame>) {
        let header = frame.pointee.hd
        switch UInt32(header.type) {
        case NGHTTP2_HEADERS.rawValue:
            let call = arriving
            arriving = nil
            if let call, call.state == .receiving, frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST {
                headersComplete(call)
            }
            if header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0 { requestWhole(header.stream_id) }
        case NGHTTP2_DATA.rawValue:
            if header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0 { requestWhole(header.stream_id) }
        case NGHTTP2_SETTINGS.rawValue: isGreeted = true
        case NGHTTP2_PING.rawValue:
            if header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0 { pingAnswered() } else { pinged() }
        default: break
        }
    }

    override func frameSent(_ header: nghttp2_frame_hd) {
        let type = UInt32(header.type)
        guard type == NGHTTP2_DATA.rawValue || type == NGHTTP2_HEADERS.rawValue else { return }
        pingStrikes = 0
        lastPing = nil
        if type == NGHTTP2_DATA.rawValue { budget.dataSent() }
        if earlyAnswers > 0, header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0,
            let call = call(on: header.stream_id), !call.isRequestWhole, let session
        {
            earlyAnswers -= 1
            call.isRequestWhole = true
            nghttp2_submit_rst_stream(
                session, UInt8(NGHTTP2_FLAG_NONE.rawValue), header.stream_id, NGHTTP2_NO_ERROR.rawValue)
            requestPump()
        }
    }

    override func streamClosed(_ streamID: Int32, _ code: UInt32) {
        if let call = call(on: streamID) { close(call, cancelled: code != NGHTTP2_NO_ERROR.rawValue) }
    }

    /// The call on a stream; its object stays in ``open`` until the stream is closed.
    func call(on streamID: Int32) -> ServerCall? {
        guard let session, let pointer = nghttp2_session_get_stream_user_data(session, streamID) else { return nil }
        return Unmanaged<ServerCall>.fromOpaque(pointer).takeUnretainedValue()
    }
}
