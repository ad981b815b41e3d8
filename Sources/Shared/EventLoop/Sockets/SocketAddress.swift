import CLibEvent
import Glibc

/// An IPv4 or IPv6 address with a port.
package struct SocketAddress: Sendable, CustomStringConvertible {
    private var storage = sockaddr_storage()
    private let length: socklen_t

    fileprivate init(_ address: UnsafePointer<sockaddr>, _ length: socklen_t) {
        self.length = min(length, socklen_t(MemoryLayout<sockaddr_storage>.size))
        withUnsafeMutableBytes(of: &storage) { target in
            target.copyMemory(from: UnsafeRawBufferPointer(start: address, count: Int(self.length)))
        }
    }

    /// The address that `descriptor` is bound to, or, with `ofPeer`, connected to; nil if it is neither.
    init?(of descriptor: Int32, ofPeer: Bool = false) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let code = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                ofPeer ? getpeername(descriptor, $0, &length) : getsockname(descriptor, $0, &length)
            }
        }
        guard code == 0 else { return nil }
        self.storage = storage
        self.length = length
    }

    /// The addresses of a host name or a literal address, in the resolver's order. Blocks: never call it on a loop's thread
    /// with a name.
    package static func resolve(host: String, port: UInt16, passive: Bool = false) throws(EventLoopError) -> [Self] {
        var hints = addrinfo()
        hints.ai_socktype = loop_stream_kind()
        hints.ai_flags = AI_NUMERICSERV | (passive ? AI_PASSIVE : AI_ADDRCONFIG)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        guard code == 0 else {
            throw EventLoopError("cannot find the host \(host): \(String(cString: gai_strerror(code)))")
        }
        defer { freeaddrinfo(list) }
        var found: [Self] = []
        var entry = list
        while let item = entry {
            if let address = item.pointee.ai_addr { found.append(Self(address, item.pointee.ai_addrlen)) }
            entry = item.pointee.ai_next
        }
        guard !found.isEmpty else { throw EventLoopError("the host \(host) has no address") }
        return found
    }

    /// The address behind a literal such as `127.0.0.1` or `::1`; nil if it is a name. Never blocks.
    package static func literal(host: String, port: UInt16) -> Self? {
        var v4 = in_addr()
        var v6 = in6_addr()
        guard inet_pton(AF_INET, host, &v4) == 1 || inet_pton(AF_INET6, host, &v6) == 1 else { return nil }
        return try? resolve(host: host, port: port, passive: true).first
    }

    /// AF_INET or AF_INET6.
    var family: Int32 { Int32(storage.ss_family) }

    func withNative<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    /// The port, 1 to 65535; 0 if it was left to the kernel.
    package var port: UInt16 {
        withUnsafeBytes(of: storage) { bytes in UInt16(bytes[2]) << 8 | UInt16(bytes[3]) }
    }

    /// The address without the port, such as `127.0.0.1` or `::1`.
    package var host: String {
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let code = withNative { getnameinfo($0, $1, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) }
        return code == 0 ? String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self) : "?"
    }

    /// `127.0.0.1:50054` or `[::1]:50054`.
    package var description: String { family == AF_INET6 ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
