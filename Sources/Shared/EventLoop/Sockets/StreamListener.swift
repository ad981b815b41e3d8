import CLibEvent
import Glibc

/// A listening TCP socket, the one owner of its descriptor. Releasing it stops the listening.
package final class StreamListener {
    /// Connections taken in one turn of the loop, so that a storm of them does not hold up those that are open.
    private static let batch = 64

    /// Where it listens, with the port that the kernel chose if it was asked to.
    package let address: SocketAddress
    private let descriptor: Int32
    private let loop: EventLoop
    private let whenAccepted: (Int32) -> Void
    private var watch: DescriptorWatch?
    private var pause: LoopTimer?

    /// Listens on a literal address and port (0: any free one). `whenAccepted` is given each new connection's descriptor,
    /// non-blocking and closed on exec, and owns it.
    package init(
        _ loop: EventLoop, host: String, port: UInt16, backlog: Int32 = 1_024,
        whenAccepted: @escaping (_ descriptor: Int32) -> Void
    ) throws(EventLoopError) {
        guard let wanted = SocketAddress.literal(host: host, port: port) else {
            throw EventLoopError("cannot listen on \(host): it is no IP address")
        }
        let descriptor = socket(wanted.family, loop_stream_kind(), 0)
        guard descriptor >= 0 else { throw EventLoopError("no socket left for \(wanted)", code: errno) }
        self.descriptor = descriptor
        self.loop = loop
        self.whenAccepted = whenAccepted
        do throws(EventLoopError) {
            address = try Self.bind(descriptor, to: wanted, backlog)
        } catch {
            close(descriptor)
            throw error
        }
        watch = try DescriptorWatch(loop, descriptor: descriptor) { [unowned self] _ in accept() }
        pause = try LoopTimer(loop) { [unowned self] in watch?.wantsRead = true }
        watch?.wantsRead = true
    }

    deinit {
        watch?.stop()
        close(descriptor)
    }

    private static func bind(
        _ descriptor: Int32, to wanted: SocketAddress, _ backlog: Int32
    ) throws(EventLoopError) -> SocketAddress {
        evutil_make_socket_nonblocking(descriptor)
        evutil_make_socket_closeonexec(descriptor)
        evutil_make_listen_socket_reuseable(descriptor)
        let code = wanted.withNative { address, length in
            Glibc.bind(descriptor, address, length) == 0 && listen(descriptor, backlog) == 0 ? 0 : errno
        }
        guard code == 0 else { throw EventLoopError("cannot listen on \(wanted)", code: code) }
        guard let bound = SocketAddress(of: descriptor) else {
            throw EventLoopError("cannot listen on \(wanted)", code: errno)
        }
        return bound
    }

    private func accept() {
        for _ in 0..<Self.batch {
            let accepted = Glibc.accept(descriptor, nil, nil)
            if accepted >= 0 {
                evutil_make_socket_nonblocking(accepted)
                evutil_make_socket_closeonexec(accepted)
                whenAccepted(accepted)
                continue
            }
            switch errno {
            case EINTR, ECONNABORTED: continue
            case EMFILE, ENFILE, ENOBUFS, ENOMEM:
                // The kernel would call again and again for a connection that there is no descriptor for.
                watch?.wantsRead = false
                pause?.start(afterNanoseconds: 100_000_000)
                return
            default: return
            }
        }
    }
}
