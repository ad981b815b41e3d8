import Glibc
import Lifecycle
import Synchronization
import TestSupport

/// A TCP server on loopback whose answers a test writes byte by byte, so that they can be as wrong as it likes.
final class RawServer: Sendable {
    let port: UInt16

    private struct Record {
        var requests: [String] = []
        var connections = 0
        var isStopped = false
    }

    private let listener: Int32
    private let record = Mutex(Record())

    /// Serves with `answer`, which gets each request and the connection, on a thread of the connection's own, and
    /// returns false to close it.
    init(_ answer: @escaping @Sendable (RawRequest, RawConnection) -> Bool) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        port = try Self.listen(listener)
        NamedThread.start("raw-server") { [weak self, listener] in
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0, let self else { break }
                if self.isStopped {
                    close(descriptor)
                    break
                }
                self.record.withLock { $0.connections += 1 }
                NamedThread.start("raw-connection") { [weak self] in
                    let connection = RawConnection(descriptor: descriptor)
                    while let request = connection.readRequest() {
                        self?.record.withLock { $0.requests.append(request.head) }
                        guard answer(request, connection) else { break }
                    }
                    close(descriptor)
                }
            }
            close(listener)
        }
    }

    /// Answers each request with the next of `texts`, the last one again and again; each text is a whole response.
    convenience init(replies texts: [String]) throws {
        let next = Atomic<Int>(0)
        try self.init { _, connection in
            let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
            connection.write(texts[min(index, texts.count - 1)])
            return true
        }
    }

    deinit {
        record.withLock { $0.isStopped = true }
        // Wakes accept; the thread that accepts closes the descriptor.
        shutdown(listener, Int32(SHUT_RDWR))
    }

    var url: String { "http://127.0.0.1:\(port)" }
    var requests: [String] { record.withLock { $0.requests } }
    var connections: Int { record.withLock { $0.connections } }
    private var isStopped: Bool { record.withLock { $0.isStopped } }

    private static func listen(_ descriptor: Int32) throws -> UInt16 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isReady = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && Glibc.listen(descriptor, 64) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isReady else { throw TestSupportError("cannot listen", code: errno) }
        return UInt16(bigEndian: address.sin_port)
    }
}

/// One request as it came: its head, and its body where it announced one.
struct RawRequest: Sendable {
    let head: String
    let body: String

    /// `GET /path`
    var line: String { head.split(separator: " ").prefix(2).joined(separator: " ") }
}

/// The server's side of a connection.
final class RawConnection: Sendable {
    private let descriptor: Int32

    init(descriptor: Int32) { self.descriptor = descriptor }

    /// Sends `text`; nothing happens where the client has gone.
    func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Blocks until the client closes the connection, or for `milliseconds`; whether it closed.
    @discardableResult
    func waitForClose(milliseconds: Int32 = -1) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, milliseconds) > 0
    }

    /// Reads up to the end of the head and of the body that it announces; nil at the end of the connection.
    func readRequest() -> RawRequest? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while !bytes.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard recv(descriptor, &byte, 1, 0) == 1 else { return nil }
            bytes.append(byte)
        }
        let head = String(decoding: bytes, as: UTF8.self)
        let length =
            head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
            .flatMap { Int($0.dropFirst(15).drop { $0 == " " }) } ?? 0
        var body = [UInt8](repeating: 0, count: length)
        guard length == 0 || recv(descriptor, &body, length, Int32(MSG_WAITALL)) == length else { return nil }
        return RawRequest(head: head, body: String(decoding: body, as: UTF8.self))
    }
}

/// A whole HTTP response.
func httpReply(_ body: String, status: String = "200 OK", headers: [String] = []) -> String {
    let lines = ["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)"] + headers
    return lines.joined(separator: "\r\n") + "\r\n\r\n" + body
}
