import Lifecycle

/// A client's connection: one request at a time, each answered before the next is looked at.
final class HTTPConnection: ByteStreamDelegate {
    private unowned let server: HTTPServer
    private(set) var stream: ByteStream?
    var index = 0
    let peer: SocketAddress?
    /// The request that is being handled.
    private(set) var current: HTTPExchange?

    private var input = ByteBuffer()
    /// The head of a request whose body is still coming.
    private var head: HTTPRequest?
    /// Bytes of the input that hold no end of a head.
    private var scanned = 0
    /// Since when it has waited for what it waits for: a request, its rest, or the client to take an answer.
    private var since: MonotonicInstant
    private var isEnding = false

    init(_ server: HTTPServer, descriptor: Int32) throws(EventLoopError) {
        self.server = server
        since = server.loop.now
        peer = SocketAddress(of: descriptor, ofPeer: true)
        let stream = try ByteStream(server.loop, accepted: descriptor, tls: nil, delegate: self)
        self.stream = stream
        stream.start()
    }

    func streamOpened() {}

    func streamReceived(_ bytes: UnsafeRawBufferPointer) {
        if isEnding { return }
        if input.isEmpty, head == nil, current == nil { since = server.loop.now }
        input.append(bytes)
        // A client that sends ahead of its answers may do so within a bound.
        if input.count > server.limits.headBytes + server.limits.bodyBytes { return close() }
        advance()
    }

    func streamDrained() {
        since = server.loop.now
        advance()
    }

    func streamEnded(_ reason: StreamEnd) {
        stream = nil
        close()
    }

    func close() {
        current = nil
        stream?.close()
        stream = nil
        server.remove(self)
    }

    /// Begins the next request, if it is whole and the one before it is answered.
    private func advance() {
        while current == nil, !isEnding, let stream, stream.backlog == 0 {
            do throws(HTTPRequestParser.Fault) {
                guard let request = try next() else { return }
                begin(request)
            } catch {
                return refuse(error.status)
            }
        }
    }

    private func next() throws(HTTPRequestParser.Fault) -> HTTPRequest? {
        if head == nil {
            guard let count = try headCount() else { return nil }
            let parsed = try HTTPRequestParser.parse(Array(input.bytes.prefix(count))[...])
            input.removeFirst(count)
            scanned = 0
            guard parsed.contentLength <= server.limits.bodyBytes else { throw .init(status: 413) }
            if parsed.field("expect")?.lowercased() == "100-continue", input.count < parsed.contentLength {
                Array("HTTP/1.1 100 Continue\r\n\r\n".utf8).withUnsafeBytes { stream?.send($0) }
            }
            head = parsed
        }
        guard var request = head, input.count >= request.contentLength else { return nil }
        request.body = Array(input.bytes.prefix(request.contentLength))
        input.removeFirst(request.contentLength)
        if input.isEmpty { input.removeAll(keeping: 4 << 10) }
        head = nil
        return request
    }

    /// Bytes up to the empty line after a head; nil if it has not come yet.
    private func headCount() throws(HTTPRequestParser.Fault) -> Int? {
        let bytes = input.bytes
        // What begins otherwise, such as TLS, may never have an end of a head.
        if let first = bytes.first, !HTTPRequestParser.isToken(first) { throw .init(status: 400) }
        var position = scanned
        while position + 4 <= bytes.count, position <= server.limits.headBytes {
            if bytes[position] == 13, bytes[position + 1] == 10, bytes[position + 2] == 13, bytes[position + 3] == 10 {
                return position + 4
            }
            position += 1
        }
        scanned = position
        if position > server.limits.headBytes { throw .init(status: 431) }
        return nil
    }

    private func begin(_ request: HTTPRequest) {
        let (route, parameters, allowed) = server.route(request)
        let exchange = HTTPExchange(request, parameters: parameters, route: route?.pattern, connection: self)
        current = exchange
        if let handler = route?.handler ?? server.fallback { return handler(exchange) }
        if allowed.isEmpty {
            exchange.respond(status: 404, contentType: "text/plain", text: "not found\n")
        } else {
            exchange.respond(
                status: 405, contentType: "text/plain", fields: [("Allow", allowed.joined(separator: ", "))],
                body: "method not allowed\n".utf8)
        }
    }

    private func refuse(_ status: Int) {
        isEnding = true
        send(status, "text/plain", [], Array("\(HTTPStatus.reason(status).lowercased())\n".utf8), hasBody: true)
        server.observer?(nil, status)
        finish()
    }

    func respond(
        _ exchange: HTTPExchange, status: Int, contentType: String, fields: [(name: String, value: String)],
        body: [UInt8]
    ) {
        guard current === exchange, stream != nil else { return }
        current = nil
        since = server.loop.now
        if !exchange.request.keepsAlive || server.isStopping { isEnding = true }
        send(status, contentType, fields, body, hasBody: exchange.request.method != "HEAD")
        server.observer?(exchange.route, status)
        if isEnding { return finish() }
        // The next request may be here already; in its own turn, so that answers given at once never nest.
        server.advanceLater(self)
    }

    func advanceNow() { advance() }

    private func finish() {
        let last = stream
        stream = nil
        last?.finish(withinSeconds: server.limits.responseSeconds)
        server.remove(self)
    }

    private func send(
        _ status: Int, _ contentType: String, _ fields: [(name: String, value: String)], _ body: [UInt8], hasBody: Bool
    ) {
        var head = "HTTP/1.1 \(status) \(HTTPStatus.reason(status))\r\nContent-Type: \(contentType)\r\n"
        head += "Content-Length: \(body.count)\r\n"
        for (name, value) in fields { head += "\(name): \(value)\r\n" }
        if isEnding { head += "Connection: close\r\n" }
        head += "\r\n"
        var output = ByteBuffer()
        output.append(head)
        if hasBody { body.withUnsafeBytes { output.append($0) } }
        stream?.send(output.bytes)
    }

    /// Whether it has waited too long for its client.
    func keepHouse(_ time: MonotonicInstant) {
        let waited = time.seconds(since: since)
        guard let stream else { return }
        if stream.backlog > 0 {
            if waited > server.limits.responseSeconds { close() }
        } else if current != nil {
            // The handler's time is its own.
        } else if head != nil || !input.isEmpty {
            if waited > server.limits.requestSeconds { refuse(408) }
        } else if waited > server.limits.idleSeconds || server.isStopping {
            close()
        }
    }
}
