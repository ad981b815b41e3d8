import EventLoop
import Glibc

extension EventLoop {
    /// CLOCK_REALTIME, in milliseconds since 1970.
    var wallMilliseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}

/// Times as PostgreSQL sends them in binary form: microseconds since 2000-01-01.
enum PostgresTime {
    private static let epoch: Int64 = 946_684_800_000

    /// Milliseconds since 1970.
    static func milliseconds(_ microseconds: Int64) -> Int64 { microseconds / 1_000 + epoch }
}
