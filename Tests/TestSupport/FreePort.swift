import Glibc
import Synchronization

/// Ports of 127.0.0.1 that nobody listens on.
package enum FreePort {
    private static let taken = Mutex<Set<UInt16>>([])

    /// A port that was free a moment ago and was not handed out before in this process. It lies below the range that
    /// the kernel gives to outgoing connections, so that none of those takes it in the meantime.
    package static func next() throws -> UInt16 {
        for _ in 0..<1000 {
            let port = UInt16.random(in: 15_000..<32_000)
            if taken.withLock({ $0.contains(port) }) || !isFree(port) { continue }
            if taken.withLock({ $0.insert(port).inserted }) { return port }
        }
        throw TestSupportError("no free port between 15000 and 32000")
    }

    private static func isFree(_ port: UInt16) -> Bool {
        withSocket(port: port) { socket, address, length in bind(socket, address, length) == 0 }
    }

    /// Opens a TCP socket and hands it to `body` with the address of `port` on loopback; false if there is none.
    static func withSocket(
        port: UInt16, _ body: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Bool
    ) -> Bool {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return false }
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
