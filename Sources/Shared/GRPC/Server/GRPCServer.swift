package import EventLoop
import Lifecycle

/// A gRPC server for unary calls, on one event loop and its one thread.
///
/// A call costs no connection, thread, task or allocation of its own: it is an object of a pool, and what it is answered with
/// goes out together with everything else that became ready in the same turn of the loop. Handlers run on the loop's
/// thread, must not block, and answer now or later. Everything is bounded by ``GRPCServerConfiguration``.
package final class GRPCServer {
    /// The loop that it lives on.
    package let loop: EventLoop
    /// What it was made with.
    package let configuration: GRPCServerConfiguration
    /// What clients that check health are told; every server has the service `grpc.health.v1.Health`.
    package let health: GRPCHealth
    /// Is told how every call ended, on the loop's thread.
    package var observer: ((GRPCCallReport) -> Void)?
    /// Counts since the start.
    package internal(set) var statistics = GRPCServerStatistics()

    let tls: TLSContext?
    let library: HTTP2Library
    let gzip = Gzip()
    var headers = HeaderList()
    let plainHeaders = StaticHeaders([(":status", "200"), ("content-type", "application/grpc")])
    let gzipHeaders = StaticHeaders([
        (":status", "200"), ("content-type", "application/grpc"), ("grpc-encoding", "gzip"),
    ])
    let okTrailers = StaticHeaders([("grpc-status", "0")])
    private(set) var deadlines: TimerWheel?
    private(set) var isStopping = false
    private(set) var stopSeconds = 0.0

    private var methods: [ServerMethod] = []
    private var listeners: [StreamListener] = []
    private var connections: [ServerConnection] = []
    private var calls: [ServerCall] = []
    private var freeCalls: [ServerCall] = []
    private var housekeeping: LoopTimer?
    private var whenStopped: (() -> Void)?

    /// A server that listens nowhere yet. With `tls`, made for the protocol `h2`, it speaks TLS, else plain HTTP/2 (h2c with
    /// prior knowledge).
    package init(
        _ loop: EventLoop, configuration: GRPCServerConfiguration = .init(), tls: TLSContext? = nil
    ) throws(EventLoopError) {
        self.loop = loop
        self.configuration = configuration
        self.tls = tls
        do throws(HTTP2Failure) { library = try HTTP2Library() } catch { throw EventLoopError(error.description) }
        health = GRPCHealth()
        deadlines = try TimerWheel(loop) { [unowned self] token in
            let call = calls[Int(token)]
            call.deadlineEntry = nil
            call.connection?.deadlinePassed(call)
        }
        housekeeping = try LoopTimer(loop) { [unowned self] in keepHouse() }
        housekeeping?.start(afterNanoseconds: housekeepingInterval)
        for method in health.methods { methods.append(method) }
    }

    private var housekeepingInterval: Int64 { Int64(max(configuration.housekeepingSeconds, 0.001) * 1e9) }

    /// Has calls of `path` (`/package.Service/Method`, or as contracts have it) come to `handler`; before the first ``listen(host:port:)``.
    package func handle(_ path: String, _ handler: @escaping (GRPCCall) -> Void) {
        methods.append(ServerMethod(path: path, isStream: false, handler: handler))
    }

    /// Listens on a literal address; port 0 is any free one. Where it listens.
    @discardableResult
    package func listen(host: String, port: UInt16) throws(EventLoopError) -> SocketAddress {
        let listener = try StreamListener(loop, host: host, port: port) { [unowned self] in accept($0) }
        listeners.append(listener)
        return listener.address
    }

    /// Stops listening, says NOT_SERVING, asks clients to begin no more calls, lets those that are open finish, and calls
    /// `whenStopped` when there is no connection any more, after `seconds` at the latest (calls still open are cut off).
    package func stop(withinSeconds seconds: Double, whenStopped: @escaping () -> Void) {
        guard !isStopping else { return }
        isStopping = true
        stopSeconds = seconds
        self.whenStopped = whenStopped
        listeners = []
        health.stop()
        let time = loop.now
        for connection in connections { connection.beginDraining(time) }
        // In its own turn, so that the caller never hears of it before this returns.
        housekeeping?.start(afterNanoseconds: connections.isEmpty ? 0 : min(housekeepingInterval, Int64(seconds * 1e9)))
    }

    // MARK: Connections

    private func accept(_ descriptor: Int32) {
        statistics.connectionsAccepted += 1
        guard connections.count < configuration.maxConnections else {
            statistics.connectionsRefused += 1
            return closeDescriptor(descriptor)
        }
        guard let connection = try? ServerConnection(self, descriptor: descriptor), connection.stream != nil else {
            return
        }
        connection.index = connections.count
        connections.append(connection)
        statistics.connectionsOpen = connections.count
    }

    func remove(_ connection: ServerConnection) {
        guard connection.index < connections.count, connections[connection.index] === connection else { return }
        let last = connections.removeLast()
        if last !== connection {
            connections[connection.index] = last
            last.index = connection.index
        }
        statistics.connectionsOpen = connections.count
        if isStopping, connections.isEmpty { housekeeping?.start(afterNanoseconds: 0) }
    }

    private func keepHouse() {
        let time = loop.now
        for connection in connections { connection.keepHouse(time) }
        guard isStopping, connections.isEmpty else {
            housekeeping?.start(afterNanoseconds: housekeepingInterval)
            return
        }
        let done = whenStopped
        whenStopped = nil
        done?()
    }

    // MARK: Calls

    func method(_ path: UnsafeRawBufferPointer) -> ServerMethod? {
        // A handful, of different lengths mostly: faster than hashing.
        methods.first { path.equals($0.utf8) }
    }

    func takeCall() -> ServerCall? {
        guard let call = freeCalls.popLast() ?? newCall() else {
            statistics.callsRefused += 1
            return nil
        }
        statistics.callsStarted += 1
        statistics.callsOpen += 1
        return call
    }

    private func newCall() -> ServerCall? {
        guard calls.count < configuration.maxOpenCalls else { return nil }
        let call = ServerCall(slot: calls.count)
        calls.append(call)
        return call
    }

    func giveBack(_ call: ServerCall) {
        call.recycle()
        freeCalls.append(call)
        statistics.callsOpen -= 1
    }
}
