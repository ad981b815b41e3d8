import Lifecycle

/// The limits of an ``HTTPServer``.
package struct HTTPServerLimits: Sendable {
    /// Bytes of a request's line and header; more get 431.
    package var headBytes = 8 << 10
    /// Bytes of a request's body; more get 413.
    package var bodyBytes = 64 << 10
    /// Connections at a time; further ones are closed at once.
    package var connections = 256
    /// Seconds for a request to come whole, from its first byte (408 then), however steadily it trickles.
    package var requestSeconds = 10.0
    /// Seconds that a connection may be without a request.
    package var idleSeconds = 60.0
    /// Seconds in which a client takes an answer.
    package var responseSeconds = 30.0
    /// Seconds between two looks at all that takes too long.
    package var housekeepingSeconds = 1.0

    /// The defaults.
    package init() {}
}

/// A small HTTP/1.1 server on the event loop, for health checks, metrics and plain reads: keep-alive, pipelining, bodies with
/// a length; no TLS, no chunks.
///
/// It is our own rather than libevent's evhttp because that has neither a bound for connections nor one for the time that a
/// request takes as a whole: a client that sends a byte every few seconds holds its descriptor for hours.
package final class HTTPServer {
    /// The loop that it lives on.
    package let loop: EventLoop
    /// What it was made with.
    package let limits: HTTPServerLimits
    /// Is told the route (nil for none) and status of every answer, on the loop's thread.
    package var observer: ((_ route: String?, _ status: Int) -> Void)?
    /// Connections that are open.
    package var openConnections: Int { connections.count }

    private(set) var isStopping = false
    private var routes: [HTTPRoute] = []
    private(set) var fallback: ((HTTPExchange) -> Void)?
    private var listeners: [StreamListener] = []
    private var connections: [HTTPConnection] = []
    private var ready: [HTTPConnection] = []
    private var readyHook: TurnHook?
    private var housekeeping: LoopTimer?
    private var whenStopped: (() -> Void)?

    /// A server that listens nowhere yet.
    package init(_ loop: EventLoop, limits: HTTPServerLimits = .init()) throws(EventLoopError) {
        self.loop = loop
        self.limits = limits
        readyHook = TurnHook(loop) { [unowned self] in advance() }
        housekeeping = try LoopTimer(loop) { [unowned self] in keepHouse() }
        startHousekeeping()
    }

    deinit { readyHook?.cancel() }

    /// Has requests come to `handler`, on the loop's thread. A segment of the pattern in braces stands for any text. HEAD is
    /// answered by what answers GET.
    package func handle(_ method: String, _ pattern: String, _ handler: @escaping (HTTPExchange) -> Void) {
        routes.append(HTTPRoute(method: method, pattern: pattern, handler: handler))
    }

    /// Has requests for which there is no route come to `handler`, instead of being answered with 404 or 405.
    package func handleOthers(_ handler: @escaping (HTTPExchange) -> Void) { fallback = handler }

    /// Listens on a literal address; port 0 is any free one. Where it listens.
    @discardableResult
    package func listen(host: String, port: UInt16) throws(EventLoopError) -> SocketAddress {
        let listener = try StreamListener(loop, host: host, port: port) { [unowned self] descriptor in
            guard connections.count < limits.connections else { return closeDescriptor(descriptor) }
            guard let connection = try? HTTPConnection(self, descriptor: descriptor) else { return }
            connection.index = connections.count
            connections.append(connection)
        }
        listeners.append(listener)
        return listener.address
    }

    /// Stops listening, closes idle connections, lets requests that are under way be answered, and calls `whenStopped` when no
    /// connection is left.
    package func stop(whenStopped: @escaping () -> Void) {
        guard !isStopping else { return }
        isStopping = true
        listeners = []
        self.whenStopped = whenStopped
        housekeeping?.start(afterNanoseconds: 0)
    }

    func route(_ request: HTTPRequest) -> (HTTPRoute?, [String: String], allowed: [String]) {
        var allowed: [String] = []
        let wanted = request.method == "HEAD" ? "GET" : request.method
        for route in routes {
            guard let parameters = route.match(request.path) else { continue }
            if route.method == wanted { return (route, parameters, []) }
            allowed.append(route.method)
        }
        return (nil, [:], allowed)
    }

    func advanceLater(_ connection: HTTPConnection) {
        ready.append(connection)
        readyHook?.request()
    }

    func remove(_ connection: HTTPConnection) {
        guard connection.index < connections.count, connections[connection.index] === connection else { return }
        let last = connections.removeLast()
        if last !== connection {
            connections[connection.index] = last
            last.index = connection.index
        }
        if isStopping, connections.isEmpty { housekeeping?.start(afterNanoseconds: 0) }
    }

    private func advance() {
        let list = ready
        ready = []
        for connection in list { connection.advanceNow() }
    }

    private func startHousekeeping() {
        housekeeping?.start(afterNanoseconds: Int64(max(limits.housekeepingSeconds, 0.001) * 1e9))
    }

    private func keepHouse() {
        let time = loop.now
        for connection in connections { connection.keepHouse(time) }
        guard isStopping, connections.isEmpty else { return startHousekeeping() }
        let done = whenStopped
        whenStopped = nil
        done?()
    }
}
