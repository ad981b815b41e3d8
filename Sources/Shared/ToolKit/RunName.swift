package import CommandLine
import Crypto
import Glibc

/// Names for runs and copies.
package enum RunName {
    /// `drain-20251130T020304Z-1a2b`: sorts by time, and two never meet.
    package static func make(prefix: String, now: TimePoint) throws -> String {
        let time = now.description.prefix(19).filter { $0 != "-" && $0 != ":" }
        return "\(prefix)-\(time)Z-\(try RandomBytes.hexadecimalID(byteCount: 2))"
    }

    /// A random id of one copy of a run.
    package static func copy() throws -> String { try RandomBytes.hexadecimalID(byteCount: 6) }

    /// The machine's name, as it stands in what a run leaves behind.
    package static func host() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "unknown-host" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension RunName {
    /// Who runs this, at which machine: `user@host`.
    package static func who() -> String {
        let user = getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? "\(geteuid())"
        return "\(user)@\(host())"
    }
}

extension TimePoint {
    /// The present time.
    package static func now() -> TimePoint {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return TimePoint(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
