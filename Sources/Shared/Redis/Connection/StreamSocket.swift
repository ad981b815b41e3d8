import Glibc

/// A non-blocking TCP connection, closed with its owner.
struct StreamSocket: ~Copyable {
    let descriptor: Int32

    /// What an attempt to read or write came to.
    enum Step: Equatable {
        /// Bytes read or written, at least one.
        case bytes(Int)
        /// Nothing goes now.
        case blocked
        /// The other side has ended the connection.
        case end
        /// errno
        case failed(Int32)
    }

    /// Begins to connect; errors that come later show when the socket is writable.
    /// - Throws: errno as `RedisError` of kind `unreachable`.
    init(connectingTo address: SocketAddress) throws(RedisError) {
        descriptor = try Self.open(address)
    }

    private static func open(_ address: SocketAddress) throws(RedisError) -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family, type, 0)
        guard descriptor >= 0 else { throw error(errno) }
        set(descriptor, IPPROTO_TCP, TCP_NODELAY, 1)
        set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
        set(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, 10)
        set(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, 5)
        set(descriptor, IPPROTO_TCP, TCP_KEEPCNT, 3)
        set(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, 20_000)
        let code = address.withPointer { connect(descriptor, $0, $1) == 0 ? 0 : errno }
        guard code == 0 || code == EINPROGRESS else {
            close(descriptor)
            throw error(code)
        }
        return descriptor
    }

    deinit { close(descriptor) }

    /// How connecting ended; 0 is well.
    func connectionError() -> Int32 {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 else { return errno }
        return code
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Step {
        let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
        return count == 0 ? .end : Self.step(count)
    }

    func write(_ bytes: UnsafeRawBufferPointer) -> Step {
        Self.step(send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)))
    }

    private static func step(_ count: Int) -> Step {
        if count > 0 { return .bytes(count) }
        let code = errno
        return code == EAGAIN || code == EWOULDBLOCK || code == EINTR ? .blocked : .failed(code)
    }

    private static func set(_ descriptor: Int32, _ level: some BinaryInteger, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, Int32(level), option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// An error of the network, in the system's words.
    static func error(_ code: Int32) -> RedisError {
        RedisError(.unreachable, String(cString: strerror(code)))
    }
}
