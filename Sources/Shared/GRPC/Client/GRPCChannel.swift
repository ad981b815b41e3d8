package import EventLoop
package import Lifecycle

/// A gRPC client for unary calls to one host, on one event loop and its one thread.
///
/// It keeps a few connections open and makes them again, with growing pauses, when they are lost. A call costs no connection,
/// task or thread; what is sent in one turn of the loop goes out in one write. A call that the server did not look at (refused
/// streams, streams after a GOAWAY, what was not sent when a connection broke) is sent again; no other is. ``close()`` ends it;
/// until then its connections keep it.
package final class GRPCChannel {
    /// The loop that it lives on.
    package let loop: EventLoop
    /// What it was made with.
    package let configuration: GRPCChannelConfiguration
    /// Host and port, as the server is told in `:authority`.
    package let authority: String
    /// Calls that are under way or wait.
    package private(set) var openCalls = 0

    let host: String
    let port: UInt16
    let tls: TLSContext?
    let library: HTTP2Library
    let resolver: AddressResolver
    let gzip = Gzip()
    var headers = HeaderList()
    private(set) var deadlines: TimerWheel?
    private(set) var isClosed = false

    private var slots: [ConnectionSlot] = []
    private var hasBegun = false
    private var queue: [ClientCall] = []
    private var queueStart = 0
    private var calls: [ClientCall] = []
    private var freeCalls: [ClientCall] = []
    /// Calls that failed before they were sent; their callbacks run at the end of the turn, never inside of ``call``.
    private var failed: [(ClientCall, GRPCStatus)] = []
    private var failedHook: TurnHook?
    private var housekeeping: LoopTimer?
    /// Calls that the server refused a stream, until they are sent again.
    private var refused: [ClientCall] = []
    private var refusal: LoopTimer?

    /// A channel to a host name or address, which connects at the first call. `tls`, made for the protocol `h2`, checks that
    /// the certificate is for `host`.
    package init(
        _ loop: EventLoop, host: String, port: UInt16, configuration: GRPCChannelConfiguration = .init(),
        tls: TLSContext? = nil, resolver: AddressResolver? = nil
    ) throws(EventLoopError) {
        self.loop = loop
        self.host = host
        self.port = port
        self.configuration = configuration
        self.tls = tls
        self.resolver = if let resolver { resolver } else { try AddressResolver(loop) }
        authority = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        do throws(HTTP2Failure) { library = try HTTP2Library() } catch { throw EventLoopError(error.description) }
        deadlines = try TimerWheel(loop) { [unowned self] token in
            let call = calls[Int(token)]
            call.deadlineEntry = nil
            giveUp(call, GRPCStatus(.deadlineExceeded, "the deadline passed before there was an answer"))
        }
        failedHook = TurnHook(loop) { [unowned self] in deliverFailed() }
        housekeeping = try LoopTimer(loop) { [unowned self] in keepHouse() }
        refusal = try LoopTimer(loop) { [unowned self] in enqueueRefused() }
        for index in 0..<max(1, configuration.connections) {
            slots.append(try ConnectionSlot(self, index: index))
        }
    }

    deinit { failedHook?.cancel() }

    // MARK: Calling

    /// Begins a call whose message `write` puts into memory of `byteCount` bytes; it returns how many it wrote. `completion`
    /// is called once, on the loop's thread, after this has returned.
    ///
    /// The deadline is passed on to the server. While there is no connection and the last attempt failed, the call fails with
    /// UNAVAILABLE at once, unless it `waitsForReady`: then it waits until its deadline.
    @discardableResult
    package func call(
        _ method: GRPCMethod, deadline: MonotonicInstant?, metadata: GRPCMetadata? = nil, waitsForReady: Bool = false,
        byteCount: Int, _ write: (UnsafeMutableRawBufferPointer) -> Int, completion: @escaping (GRPCAnswer) -> Void
    ) -> GRPCClientCall {
        let call = takeCall()
        call.completion = completion
        call.path = method.path
        call.metadata = metadata
        call.deadline = deadline
        call.waitsForReady = waitsForReady
        call.state = .queued
        let handle = GRPCClientCall(call, self)
        if openCalls > configuration.maxCalls {
            fail(call, GRPCStatus(.resourceExhausted, "\(configuration.maxCalls) calls to \(authority) are under way"))
        } else if isClosed {
            fail(call, GRPCStatus(.unavailable, "the channel is closed"))
        } else {
            frame(call, byteCount: byteCount, write)
            if let deadline { call.deadlineEntry = deadlines?.insert(at: deadline, token: UInt64(call.slot)) }
            enqueue(call)
        }
        return handle
    }

    /// Begins a call with these bytes as the message.
    @discardableResult
    package func call(
        _ method: GRPCMethod, deadline: MonotonicInstant?, metadata: GRPCMetadata? = nil, waitsForReady: Bool = false,
        message: UnsafeRawBufferPointer, completion: @escaping (GRPCAnswer) -> Void
    ) -> GRPCClientCall {
        call(
            method, deadline: deadline, metadata: metadata, waitsForReady: waitsForReady, byteCount: message.count,
            {
                $0.copyMemory(from: message)
                return message.count
            }, completion: completion)
    }

    /// Makes the connections without waiting for the first call.
    package func connect() {
        guard !hasBegun, !isClosed else { return }
        hasBegun = true
        housekeeping?.start(afterNanoseconds: Int64(max(configuration.housekeepingSeconds, 0.001) * 1e9))
        for slot in slots { slot.connect() }
    }

    /// Whether a call would be sent at once.
    package var isReady: Bool { slots.contains { $0.isReady } }

    /// Ends every call with UNAVAILABLE and closes the connections.
    package func close() {
        guard !isClosed else { return }
        isClosed = true
        housekeeping?.cancel()
        refusal?.cancel()
        for call in calls where call.state == .queued || call.state == .sent {
            giveUp(call, GRPCStatus(.unavailable, "the channel is closed"))
        }
        for slot in slots { slot.close() }
    }

    private func frame(_ call: ClientCall, byteCount: Int, _ write: (UnsafeMutableRawBufferPointer) -> Int) {
        let room = UnsafeMutableRawBufferPointer(start: call.request.extend(by: 5 + byteCount), count: 5 + byteCount)
        let written = min(max(0, write(UnsafeMutableRawBufferPointer(rebasing: room[5...]))), byteCount)
        call.request.removeLast(byteCount - written)
        var length = written
        if written >= configuration.compressFromBytes ?? .max {
            var packed = ByteBuffer()
            let plain = UnsafeRawBufferPointer(rebasing: call.request.bytes[5...])
            if gzip.compress(plain, into: &packed), packed.count < written {
                call.request.removeLast(written)
                call.request.append(packed.bytes)
                call.isCompressed = true
                length = packed.count
            }
        }
        let prefix = call.request.mutableBytes
        prefix[0] = call.isCompressed ? 1 : 0
        prefix.storeBytes(of: UInt32(clamping: length).bigEndian, toByteOffset: 1, as: UInt32.self)
    }

    // MARK: The queue

    /// Has a call sent as soon as there is a connection with room.
    func enqueue(_ call: ClientCall) {
        connect()
        call.state = .queued
        if queueStart == queue.count, let connection = freest() { return connection.submit(call) }
        if !call.waitsForReady, let reason = outage() { return fail(call, reason) }
        queue.append(call)
        // A connection may have room while earlier calls wait only in name: those that were given up are still in the queue.
        dispatch()
    }

    /// Has a call sent again in a moment. A server that is slow to count what it has ended refuses streams within the limit
    /// that it gave, and would go on refusing if it were asked again at once.
    func enqueueLater(_ call: ClientCall) {
        call.state = .queued
        if refused.isEmpty { refusal?.start(afterNanoseconds: min(1_000_000 << Int64(call.attempts), 100_000_000)) }
        refused.append(call)
    }

    private func enqueueRefused() {
        let calls = refused
        refused = []
        for call in calls {
            if call.state == .queued { enqueue(call) } else { giveBack(call) }
        }
    }

    /// Sends calls that wait, as long as there is room.
    func dispatch() {
        while queueStart < queue.count {
            let call = queue[queueStart]
            if call.state == .queued {
                guard let connection = freest() else { break }
                queueStart += 1
                connection.submit(call)
            } else {
                queueStart += 1
                giveBack(call)
            }
        }
        if queueStart == queue.count || queueStart > 1_024 {
            queue.removeFirst(queueStart)
            queueStart = 0
        }
    }

    /// Calls that were given up stay in the queue until their turn, but never more of them than there are others.
    private func compactQueue() {
        guard queue.count - queueStart > 64 + 2 * openCalls else { return }
        let waiting = queue[queueStart...]
        queue = []
        queueStart = 0
        for call in waiting {
            if call.state == .queued { queue.append(call) } else { giveBack(call) }
        }
    }

    private func freest() -> ClientConnection? {
        var best: ClientConnection?
        for slot in slots {
            guard let connection = slot.connection, connection.hasRoom else { continue }
            if connection.open.count < best?.open.count ?? .max { best = connection }
        }
        return best
    }

    /// Why calls fail now that do not wait: the last attempt to connect failed, and none is under way that is the first.
    private func outage() -> GRPCStatus? {
        if slots.contains(where: { $0.isReady || $0.isHopeful }) { return nil }
        let reason = slots.lazy.compactMap(\.failure).first ?? "no connection"
        return GRPCStatus(.unavailable, "cannot reach \(authority): \(reason)")
    }

    /// A connection could not be made: what waits and need not, fails.
    func connectionFailed() {
        guard let reason = outage() else { return }
        for call in queue[queueStart...] where call.state == .queued && !call.waitsForReady { giveUp(call, reason) }
    }

    // MARK: Ends

    /// Ends a call that has not been answered, wherever it is.
    func giveUp(_ call: ClientCall, _ status: GRPCStatus) {
        guard call.state == .queued || call.state == .sent else { return }
        let hasStream = call.state == .sent
        if hasStream { call.connection?.reset(call) }
        finish(call, status)
        // A queued call goes back when the queue comes to it, one with a stream when that is closed.
        if !hasStream { compactQueue() }
    }

    /// Tells the caller.
    func finish(_ call: ClientCall, _ status: GRPCStatus) {
        guard call.state != .done, call.state != .idle else { return }
        call.state = .done
        if let entry = call.deadlineEntry {
            call.deadlineEntry = nil
            deadlines?.remove(entry)
        }
        openCalls -= 1
        let completion = call.completion
        call.completion = nil
        completion?(GRPCAnswer(call, status))
    }

    private func fail(_ call: ClientCall, _ status: GRPCStatus) {
        failed.append((call, status))
        failedHook?.request()
    }

    private func deliverFailed() {
        let list = failed
        failed = []
        for (call, status) in list {
            finish(call, status)
            giveBack(call)
        }
    }

    private func takeCall() -> ClientCall {
        openCalls += 1
        if let call = freeCalls.popLast() { return call }
        let call = ClientCall(slot: calls.count)
        calls.append(call)
        return call
    }

    func giveBack(_ call: ClientCall) {
        call.recycle()
        freeCalls.append(call)
    }

    private func keepHouse() {
        let time = loop.now
        for slot in slots { slot.keepHouse(time) }
        housekeeping?.start(afterNanoseconds: Int64(max(configuration.housekeepingSeconds, 0.001) * 1e9))
    }
}
