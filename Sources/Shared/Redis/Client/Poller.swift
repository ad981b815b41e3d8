import CHiredis
import Glibc
import Lifecycle

/// epoll(7): many descriptors behind one, which itself can be waited on. Closed with its owner.
final class Poller {
    /// Readable when any of the descriptors is ready.
    let descriptor: Int32
    private var events = [epoll_event](repeating: epoll_event(), count: 32)

    init() throws(RedisError) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw StreamSocket.error(errno) }
    }

    deinit { close(descriptor) }

    /// Watches `file` for `interest` under the name of `token`; anew or changed.
    func watch(_ file: Int32, _ interest: DescriptorInterest, token: UInt64) {
        var event = epoll_event()
        if interest.contains(.read) { event.events |= EPOLLIN.rawValue }
        if interest.contains(.write) { event.events |= EPOLLOUT.rawValue }
        event.data.u64 = token
        if epoll_ctl(descriptor, EPOLL_CTL_MOD, file, &event) != 0, errno == ENOENT {
            _ = epoll_ctl(descriptor, EPOLL_CTL_ADD, file, &event)
        }
    }

    /// Hands what is ready now to `body`, by token; up to 32 at a time, the others stay ready.
    func ready(_ body: (UInt64, DescriptorInterest) -> Void) {
        let count = epoll_wait(descriptor, &events, Int32(events.count), 0)
        guard count > 0 else { return }
        for event in events.prefix(Int(count)) {
            var found: DescriptorInterest = []
            if event.events & (EPOLLIN.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 { found.insert(.read) }
            if event.events & (EPOLLOUT.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 { found.insert(.write) }
            body(event.data.u64, found)
        }
    }
}
