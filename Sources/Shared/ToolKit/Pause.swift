import Glibc

/// Waits on the calling thread; for blocking executors only.
package enum Pause {
    /// Waits for `count` nanoseconds, as exactly as the kernel does.
    package static func nanoseconds(_ count: Int64) {
        let time = timespec(
            tv_sec: Int(max(0, count) / 1_000_000_000), tv_nsec: Int(max(0, count) % 1_000_000_000))
        var rest = timespec()
        var asked = time
        while nanosleep(&asked, &rest) != 0, errno == EINTR { asked = rest }
    }

    /// Waits for `count` milliseconds.
    package static func milliseconds(_ count: Int) { usleep(UInt32(clamping: count * 1_000)) }
}
