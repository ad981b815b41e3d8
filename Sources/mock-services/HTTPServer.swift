import CLibEvent
import CommandLine
import Glibc

/// An HTTP server on libevent's evhttp, on 127.0.0.1, the one owner of its `evhttp`.
final class HTTPServer {
    /// Where it listens.
    let port: UInt16

    private let loop: EventLoop
    private let http: OpaquePointer
    private let answer: (MockRequest) -> MockReply
    /// Answers that wait for their time, by connection: a connection that closes takes its request with it.
    private var late: [OpaquePointer: LateReply] = [:]

    /// Listens on `port`, or a free one if that is 0; `answer` runs on the loop's thread.
    init(loop: EventLoop, port: UInt16, answer: @escaping (MockRequest) -> MockReply) throws(MockServicesError) {
        guard let http = evhttp_new(loop.base) else { throw MockServicesError("libevent has no HTTP server to offer") }
        guard let socket = evhttp_bind_socket_with_handle(http, "127.0.0.1", port) else {
            evhttp_free(http)
            throw MockServicesError("cannot listen on 127.0.0.1:\(port): \(String(cString: strerror(errno)))")
        }
        self.loop = loop
        self.http = http
        self.answer = answer
        self.port = boundPort(evhttp_bound_socket_get_fd(socket))
        evhttp_set_max_headers_size(http, 64 << 10)
        evhttp_set_max_body_size(http, 8 << 20)
        evhttp_set_gencb(
            http,
            { request, context in
                guard let request, let context else { return }
                Unmanaged<HTTPServer>.fromOpaque(context).takeUnretainedValue().handle(request)
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit { evhttp_free(http) }

    private func handle(_ request: OpaquePointer) {
        let method: MockRequest.Method =
            switch evhttp_request_get_command(request) {
            case EVHTTP_REQ_GET, EVHTTP_REQ_HEAD: .get
            case EVHTTP_REQ_POST: .post
            case EVHTTP_REQ_PUT: .put
            case EVHTTP_REQ_DELETE: .delete
            default: .other
            }
        let target = evhttp_request_get_uri(request).map { String(cString: $0) } ?? "/"
        let input = evhttp_request_get_input_buffer(request)
        let body = [UInt8](unsafeUninitializedCapacity: evbuffer_get_length(input)) { bytes, count in
            count = max(0, Int(evbuffer_remove(input, bytes.baseAddress, bytes.count)))
        }
        let reply = answer(MockRequest(method: method, target: target, body: body))
        if reply.delayMilliseconds > 0 { sendLater(reply, to: request) } else { send(reply, to: request) }
    }

    private func send(_ reply: MockReply, to request: OpaquePointer) {
        guard let buffer = evbuffer_new() else { return evhttp_send_error(request, 500, nil) }
        defer { evbuffer_free(buffer) }
        let text = Array(reply.body.line.utf8)
        evbuffer_add(buffer, text, text.count)
        evhttp_add_header(
            evhttp_request_get_output_headers(request), "Content-Type", "application/vnd.schemaregistry.v1+json")
        evhttp_send_reply(request, Int32(reply.status), nil, buffer)
    }

    private func sendLater(_ reply: MockReply, to request: OpaquePointer) {
        guard let connection = evhttp_request_get_connection(request) else { return }
        let waiting = LateReply(server: self, connection: connection, request: request, reply: reply)
        late[connection] = waiting
        evhttp_connection_set_closecb(
            connection,
            { connection, context in
                guard let connection, let context else { return }
                Unmanaged<HTTPServer>.fromOpaque(context).takeUnretainedValue().late[connection] = nil
            }, Unmanaged.passUnretained(self).toOpaque())
        var time = timeval(milliseconds: reply.delayMilliseconds)
        event_base_once(
            loop.base, -1, Int16(EV_TIMEOUT),
            { _, _, context in
                guard let context else { return }
                Unmanaged<LateReply>.fromOpaque(context).takeRetainedValue().send()
            }, Unmanaged.passRetained(waiting).toOpaque(), &time)
    }

    /// An answer that waits for its time. It is void once its connection has closed.
    private final class LateReply {
        private unowned let server: HTTPServer
        private let connection: OpaquePointer
        private let request: OpaquePointer
        private let reply: MockReply

        init(server: HTTPServer, connection: OpaquePointer, request: OpaquePointer, reply: MockReply) {
            self.server = server
            self.connection = connection
            self.request = request
            self.reply = reply
        }

        func send() {
            guard server.late[connection] === self else { return }
            server.late[connection] = nil
            server.send(reply, to: request)
        }
    }
}

private func boundPort(_ descriptor: Int32) -> UInt16 {
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    return code == 0 ? UInt16(bigEndian: address.sin_port) : 0
}
