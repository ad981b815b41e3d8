import CLibEvent
import Glibc

/// A connected TCP socket, plain or with TLS, the one owner of its descriptor.
///
/// What is sent goes to the kernel at once; only what it does not take is kept, and ``backlog`` says how much that is. The
/// sender keeps it bounded: it stops when there is a backlog and goes on at ``ByteStreamDelegate/streamDrained()``.
package final class ByteStream {
    /// Bytes read in one turn, so that one busy peer does not hold up the others.
    private static let readLimit = 256 << 10

    enum Phase {
        case connecting
        case handshaking
        case open
        /// The sending side is over; what comes is thrown away until the peer closes or the time is up.
        case lingering
        case closed
    }

    /// What hears of this stream; it is held weakly by contract: it owns the stream and outlives it or closes it.
    package unowned(unsafe) var delegate: any ByteStreamDelegate

    /// Bytes that the kernel has not taken yet.
    package var backlog: Int { isBroken ? 1 : output.count }
    /// The other end, as far as it is known.
    package let peer: SocketAddress?

    let loop: EventLoop
    let tls: TLSSession?
    private(set) var descriptor: Int32
    var phase: Phase
    var output = ByteBuffer()
    var watch: DescriptorWatch?
    /// TLS cannot read before it has written, or the reverse.
    var tlsReadWantsWrite = false
    var finishing = false
    private var isPaused = false
    /// A write has failed; the end is about to be told.
    var isBroken = false
    var discarded = 0
    var lingerTimer: LoopTimer?

    /// A connection that was accepted; it owns `descriptor` from here on, also if it throws. It must be ``start()``ed.
    package init(
        _ loop: EventLoop, accepted descriptor: Int32, tls context: TLSContext?, delegate: any ByteStreamDelegate
    ) throws(EventLoopError) {
        self.loop = loop
        self.delegate = delegate
        self.descriptor = descriptor
        peer = SocketAddress(of: descriptor, ofPeer: true)
        do throws(EventLoopError) {
            tls = try context?.session(descriptor: descriptor, serverName: nil)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        phase = tls == nil ? .open : .handshaking
        watch = try DescriptorWatch(loop, descriptor: descriptor) { [unowned self] in ready($0) }
        setNoDelay()
    }

    /// Begins to connect to `address`; `serverName` is what TLS checks the certificate against. It must be ``start()``ed.
    package init(
        _ loop: EventLoop, to address: SocketAddress, tls context: TLSContext?, serverName: String,
        delegate: any ByteStreamDelegate
    ) throws(EventLoopError) {
        self.loop = loop
        self.delegate = delegate
        peer = address
        descriptor = socket(address.family, loop_stream_kind(), 0)
        guard descriptor >= 0 else { throw EventLoopError("no socket left for \(address)", code: errno) }
        evutil_make_socket_nonblocking(descriptor)
        evutil_make_socket_closeonexec(descriptor)
        let descriptor = descriptor
        let code = address.withNative { connect(descriptor, $0, $1) == 0 ? 0 : errno }
        do throws(EventLoopError) {
            guard code == 0 || code == EINPROGRESS else {
                throw EventLoopError("cannot connect to \(address)", code: code)
            }
            tls = try context?.session(descriptor: descriptor, serverName: serverName)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        phase = .connecting
        watch = try DescriptorWatch(loop, descriptor: descriptor) { [unowned self] in ready($0) }
        setNoDelay()
    }

    deinit { close() }

    /// Begins to tell the delegate what happens.
    package func start() {
        watch?.wantsRead = phase != .connecting
        watch?.wantsWrite = phase == .connecting
    }

    /// The application protocol that TLS agreed on; nil without TLS, or if there is none.
    package var applicationProtocol: String? { tls?.applicationProtocol }
    /// Whether it has TLS.
    package var isEncrypted: Bool { tls != nil }
    /// What the peer's certificate says; nil if it showed none.
    package var peerCertificate: TLSPeer? { tls?.peerNames() }
    /// Whether bytes can be sent and received.
    package var isOpen: Bool { phase == .open && !finishing }

    /// Reads nothing more, so that the peer has to wait, until ``resume()``. The end of the stream is not noticed meanwhile.
    package func pause() {
        isPaused = true
        if phase == .open { watch?.wantsRead = false }
    }

    /// Reads on.
    package func resume() {
        isPaused = false
        if phase == .open { watch?.wantsRead = true }
    }

    /// Closes it at once; what waits to be sent is lost. The delegate is not told.
    package func close() {
        guard phase != .closed else { return }
        if phase == .open { tls?.shutDown() }
        release()
    }

    /// Closes it once everything that waits has been sent and the peer has closed too, or `seconds` are over, which makes
    /// sure that the peer can read the last words. The delegate is not told; the stream keeps itself alive until then.
    package func finish(withinSeconds seconds: Double = 1) {
        guard phase == .open, !finishing else { return close() }
        finishing = true
        // The timer's hold on the stream ends when it is closed.
        guard let timer = try? LoopTimer(loop, { [self] in close() }) else { return close() }
        lingerTimer = timer
        timer.start(afterNanoseconds: Int64(min(max(seconds, 0), 3_600) * 1e9))
        if output.isEmpty { endSending() }
    }

    func endSending() {
        tls?.shutDown()
        phase = .lingering
        watch?.wantsWrite = false
        shutdown(descriptor, Int32(SHUT_WR))
    }

    func fail(_ reason: StreamEnd) {
        guard phase != .closed else { return }
        let isQuiet = finishing
        release()
        if !isQuiet { delegate.streamEnded(reason) }
    }

    private func release() {
        phase = .closed
        watch?.stop()
        lingerTimer?.cancel()
        lingerTimer = nil
        output.removeAll(keeping: 0)
        Glibc.close(descriptor)
        descriptor = -1
    }

    private func setNoDelay() {
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }
}

extension ByteStream {
    private func ready(_ readiness: DescriptorWatch.Readiness) {
        switch phase {
        case .connecting: finishConnecting()
        case .handshaking: shakeHands()
        case .open:
            if readiness == .readable || tlsReadWantsWrite { receive(limit: Self.readLimit) }
            if readiness == .writable, phase == .open { flush() }
        case .lingering: discard()
        case .closed: break
        }
    }

    private func finishConnecting() {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
        guard code == 0 else {
            return fail(.failed(EventLoopError("cannot connect to \(peer?.description ?? "?")", code: code)))
        }
        watch?.wantsWrite = false
        watch?.wantsRead = true
        if tls == nil {
            opened()
        } else {
            phase = .handshaking
            shakeHands()
        }
    }

    private func shakeHands() {
        guard let tls else { return }
        switch tls.handshake() {
        case .done:
            watch?.wantsWrite = false
            opened()
            // The peer's first bytes may have come with its last of the handshake.
            if phase == .open { receive(limit: Self.readLimit) }
        case .wantsRead: watch?.wantsWrite = false
        case .wantsWrite: watch?.wantsWrite = true
        case .ended: fail(.closedByPeer)
        case .failed(let error): fail(.failed(error))
        }
    }

    private func opened() {
        phase = .open
        if isPaused { watch?.wantsRead = false }
        delegate.streamOpened()
        if phase == .open, !output.isEmpty { flush() }
    }
}
