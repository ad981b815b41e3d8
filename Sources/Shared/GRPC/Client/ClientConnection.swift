import CNGHTTP2
import EventLoop
import Lifecycle

/// A connection of a channel to a server.
final class ClientConnection: HTTP2Connection {
    private static let none = UInt8(NGHTTP2_FLAG_NONE.rawValue)

    /// Held until the connection ends, which a channel's close sees to.
    let channel: GRPCChannel
    private unowned let slot: ConnectionSlot
    private let address: SocketAddress
    var open: [ClientCall] = []
    /// Whether the server's settings have come.
    private(set) var isReady = false
    /// Whether an answer has come.
    var hasServed = false
    private var isDraining = false
    private var headerBlockBytes = 0
    private var keepaliveSince: MonotonicInstant?
    private var giveUpReason: String?
    private var maxStreams = 100

    init(_ channel: GRPCChannel, _ slot: ConnectionSlot, _ address: SocketAddress) throws(EventLoopError) {
        self.channel = channel
        self.slot = slot
        self.address = address
        super.init(channel.loop, channel.library)
        let stream = try ByteStream(
            channel.loop, to: address, tls: channel.tls, serverName: channel.host, delegate: self)
        self.stream = stream
        stream.start()
    }

    /// Whether another call can be sent.
    var hasRoom: Bool {
        isReady && !isDraining && !isTerminating && session != nil && open.count < maxStreams
    }

    override func streamOpened() {
        if stream?.isEncrypted == true, stream?.applicationProtocol != "h2" {
            return abandon("the server does not speak HTTP/2")
        }
        let limits = channel.configuration
        begin(
            server: false,
            settings: [
                nghttp2_settings_entry(settings_id: Int32(NGHTTP2_SETTINGS_ENABLE_PUSH.rawValue), value: 0),
                nghttp2_settings_entry(
                    settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue),
                    value: UInt32(clamping: limits.streamWindow)),
                nghttp2_settings_entry(
                    settings_id: Int32(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE.rawValue),
                    value: UInt32(clamping: limits.maxHeaderBytes)),
            ], window: Int32(clamping: limits.connectionWindow))
    }

    /// Closes it as a failure.
    func abandon(_ reason: String) {
        giveUpReason = reason
        close()
    }

    override func ended(_ reason: StreamEnd) {
        let words = giveUpReason ?? reason.description
        while let call = open.last {
            drop(call)
            if call.state == .done {
                channel.giveBack(call)
            } else if !call.isOnWire, call.attempts <= retries, !channel.isClosed {
                again(call)
            } else {
                channel.finish(call, GRPCStatus(.unavailable, "the connection to \(address) was lost: \(words)"))
                channel.giveBack(call)
            }
        }
        slot.lost(self, words)
    }

    var retries: Int { channel.configuration.maxTransparentRetries }

    /// Takes a call off the connection's list.
    func drop(_ call: ClientCall) {
        let last = open.removeLast()
        if last !== call {
            open[call.index] = last
            last.index = call.index
        }
    }

    /// Has a call sent once more, on any connection.
    func again(_ call: ClientCall) {
        call.rewind()
        channel.enqueue(call)
    }

    // MARK: Frames

    override func frameBegan(_ header: nghttp2_frame_hd) {
        headerBlockBytes =
            header.type == NGHTTP2_CONTINUATION.rawValue ? headerBlockBytes + header.length : header.length
        if header.type == NGHTTP2_CONTINUATION.rawValue, headerBlockBytes > 4 * channel.configuration.maxHeaderBytes {
            terminate(NGHTTP2_ENHANCE_YOUR_CALM, "endless headers")
        }
    }

    override func headerReceived(_ streamID: Int32, name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        if let call = call(on: streamID), call.state == .sent { header(call, name, value) }
    }

    override func dataReceived(_ streamID: Int32, _ bytes: UnsafeRawBufferPointer) {
        if let call = call(on: streamID) { data(call, bytes) }
    }

    override func streamClosed(_ streamID: Int32, _ code: UInt32) {
        if let call = call(on: streamID) { closed(call, code) }
    }

    override func frameReceived(_ frame: UnsafePointer<nghttp2_frame>) {
        let header = frame.pointee.hd
        switch UInt32(header.type) {
        case NGHTTP2_HEADERS.rawValue: headersComplete(header.stream_id)
        case NGHTTP2_SETTINGS.rawValue where header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) == 0: settingsCame()
        case NGHTTP2_PING.rawValue where header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0: keepaliveSince = nil
        case NGHTTP2_GOAWAY.rawValue:
            guard !isDraining else { return }
            isDraining = true
            slot.drains(self)
            finishDraining()
        default: break
        }
    }

    private func settingsCame() {
        guard let session else { return }
        let allowed = nghttp2_session_get_remote_settings(session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS)
        maxStreams = min(channel.configuration.maxConcurrentStreams, Int(allowed))
        if isReady {
            channel.dispatch()
        } else {
            isReady = true
            slot.ready()
        }
    }

    override func frameSent(_ header: nghttp2_frame_hd) {
        if UInt32(header.type) == NGHTTP2_HEADERS.rawValue { call(on: header.stream_id)?.isOnWire = true }
    }

    func call(on streamID: Int32) -> ClientCall? {
        guard let session, let pointer = nghttp2_session_get_stream_user_data(session, streamID) else { return nil }
        return Unmanaged<ClientCall>.fromOpaque(pointer).takeUnretainedValue()
    }

    // MARK: Time

    func keepHouse(_ time: MonotonicInstant) {
        guard let session, isReady, !open.isEmpty else {
            keepaliveSince = nil
            return
        }
        let limits = channel.configuration
        if let since = keepaliveSince {
            if now > since {
                keepaliveSince = nil
            } else if time.seconds(since: since) > limits.keepaliveTimeoutSeconds {
                abandon("no answer to a ping within \(limits.keepaliveTimeoutSeconds) s")
            }
        } else if time.seconds(since: now) > limits.keepaliveSeconds {
            keepaliveSince = time
            nghttp2_submit_ping(session, Self.none, nil)
            requestPump()
        }
    }

    /// A connection that takes no more calls and has none is closed.
    func finishDraining() {
        guard isDraining, open.isEmpty, let session else { return }
        nghttp2_session_terminate_session(session, NGHTTP2_NO_ERROR.rawValue)
        requestPump()
    }

    /// Stream ids are used up: nothing new goes out here.
    func drainForGood() {
        isDraining = true
        slot.drains(self)
        finishDraining()
    }
}
