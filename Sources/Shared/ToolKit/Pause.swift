import Glibc

/// Waits on the calling thread; for blocking executors only.
package enum Pause {
    /// Waits for `count` milliseconds.
    package static func milliseconds(_ count: Int) { usleep(UInt32(clamping: count * 1_000)) }
}
