import CHiredis
import Glibc
import Lifecycle
import Synchronization

/// Resolves a name without blocking who asks: the system's resolver runs on a thread of its own, and a descriptor tells
/// when it is done. One that takes longer than anybody waits ends by itself, and its result is thrown away.
final class NameLookup: Sendable {
    /// Readable when there is a result.
    let descriptor: Int32
    private let result = Mutex<Result<[SocketAddress], RedisError>?>(nil)

    /// Begins to resolve.
    init(_ address: RedisAddress) throws(RedisError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        guard descriptor >= 0 else { throw StreamSocket.error(errno) }
        NamedThread.start("redis-resolver") { [self] in
            let found = SocketAddress.resolve(address, numericOnly: false)
            result.withLock { $0 = found }
            eventfd_write(descriptor, 1)
        }
    }

    deinit { close(descriptor) }

    /// What was found, once ``descriptor`` is readable.
    func take() -> Result<[SocketAddress], RedisError>? { result.withLock { $0 } }
}
