import CNGHTTP2
import EventLoop
import Lifecycle

/// One HTTP/2 connection: a stream of bytes and nghttp2's session, the one owner of both. Server and client derive from it.
///
/// nghttp2 must not be entered from its own callbacks, nor its session freed in them, so frames are sent at the end of the
/// loop's turn and a close inside a callback is carried out after it.
class HTTP2Connection: ByteStreamDelegate {
    final let loop: EventLoop
    final let library: HTTP2Library
    final var stream: ByteStream?
    final private(set) var session: OpaquePointer?
    /// When the present bytes came; read once for all that came together.
    final private(set) var now: MonotonicInstant
    private final var depth = 0
    private final var isReceiving = false
    private final var mustClose = false
    /// A GOAWAY is on its way that ends the connection.
    final private(set) var isTerminating = false
    private final var pumpHook: TurnHook?

    init(_ loop: EventLoop, _ library: HTTP2Library) {
        self.loop = loop
        self.library = library
        now = loop.now
        pumpHook = TurnHook(loop) { [unowned self] in pump() }
    }

    deinit {
        pumpHook?.cancel()
        if let session { nghttp2_session_del(session) }
    }

    // MARK: What a side does

    /// Bytes came, of whatever kind, and are about to be looked at.
    func bytesReceived(_ count: Int) {}
    /// A frame's header came, of any type, continuations included.
    func frameBegan(_ header: nghttp2_frame_hd) {}
    func headersBegan(_ streamID: Int32) {}
    func headerReceived(_ streamID: Int32, name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {}
    func frameReceived(_ frame: UnsafePointer<nghttp2_frame>) {}
    func dataReceived(_ streamID: Int32, _ bytes: UnsafeRawBufferPointer) {}
    func streamClosed(_ streamID: Int32, _ code: UInt32) {}
    func frameSent(_ header: nghttp2_frame_hd) {}
    /// The connection is of no use any more; the session is gone already, and streams that were open with it.
    func ended(_ reason: StreamEnd) {}
    /// The stream is open: time to begin the session.
    func streamOpened() {}

    // MARK: Session

    final func begin(server: Bool, settings: [nghttp2_settings_entry], window: Int32) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        var session: OpaquePointer?
        let code =
            server
            ? nghttp2_session_server_new2(&session, library.callbacks, context, library.options)
            : nghttp2_session_client_new2(&session, library.callbacks, context, library.options)
        guard code == 0, let session else { return close() }
        self.session = session
        nghttp2_submit_settings(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), settings, settings.count)
        nghttp2_session_set_local_window_size(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), 0, window)
        requestPump()
    }

    /// Has frames that wait sent at the end of this turn.
    final func requestPump() { pumpHook?.request() }

    /// Runs a callback of nghttp2; once the connection is to be closed nghttp2 is told to stop.
    final func answer(_ body: (HTTP2Connection) -> Void) -> Int32 {
        // A GOAWAY that is on its way must still be sent.
        if mustClose || (isTerminating && isReceiving) { return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue }
        body(self)
        return mustClose || (isTerminating && isReceiving) ? NGHTTP2_ERR_CALLBACK_FAILURE.rawValue : 0
    }

    final func streamReceived(_ bytes: UnsafeRawBufferPointer) {
        guard let session, !mustClose, !isTerminating else { return }
        now = loop.now
        bytesReceived(bytes.count)
        if isTerminating { return }
        depth += 1
        isReceiving = true
        let count = nghttp2_session_mem_recv(
            session, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
        isReceiving = false
        depth -= 1
        if mustClose { return close() }
        if count < 0, !isTerminating {
            // It is broken, but may have said why in a GOAWAY.
            pump()
            return end(.failed(EventLoopError(HTTP2Failure("HTTP/2 failed", code: Int32(count)).description)))
        }
        requestPump()
    }

    final func streamDrained() { pump() }

    final func streamEnded(_ reason: StreamEnd) { end(reason) }

    /// Sends what nghttp2 has ready, as long as the kernel takes it.
    final func pump() {
        guard let session, let stream, depth == 0 else { return }
        let scratch = library.scratch
        var used = 0
        depth += 1
        while stream.backlog == 0 {
            var frames: UnsafePointer<UInt8>?
            let count = nghttp2_session_mem_send(session, &frames)
            guard count > 0, let frames else {
                if count < 0 { mustClose = true }
                break
            }
            let bytes = UnsafeRawBufferPointer(start: frames, count: count)
            if used + count > scratch.count {
                stream.send(UnsafeRawBufferPointer(rebasing: scratch[..<used]))
                used = 0
            }
            if count > scratch.count {
                stream.send(bytes)
            } else {
                UnsafeMutableRawBufferPointer(rebasing: scratch[used...]).copyMemory(from: bytes)
                used += count
            }
        }
        if used > 0 { stream.send(UnsafeRawBufferPointer(rebasing: scratch[..<used])) }
        depth -= 1
        if mustClose || isTerminating { return end(.closedByPeer) }
        if nghttp2_session_want_read(session) == 0, nghttp2_session_want_write(session) == 0 {
            end(.closedByPeer)
        }
    }

    /// Takes nothing more from the peer, tells it why, and closes once it has heard.
    final func terminate(_ code: nghttp2_error_code, _ reason: StaticString = "") {
        guard let session, !isTerminating else { return }
        isTerminating = true
        nghttp2_submit_goaway(
            session, UInt8(NGHTTP2_FLAG_NONE.rawValue), nghttp2_session_get_last_proc_stream_id(session), code.rawValue,
            reason.utf8Start, reason.utf8CodeUnitCount)
        requestPump()
    }

    /// Closes after what is queued; from inside a callback as soon as that is over.
    final func close() {
        if depth > 0 {
            mustClose = true
            return
        }
        end(.closedByPeer)
    }

    private func end(_ reason: StreamEnd) {
        guard let stream else { return }
        self.stream = nil
        mustClose = true
        // Frees every stream without a callback: the side keeps its own account of them.
        if let session { nghttp2_session_del(session) }
        session = nil
        stream.finish()
        ended(reason)
    }
}
