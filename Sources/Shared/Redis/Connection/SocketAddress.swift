import Glibc

/// A resolved address: the bytes of a sockaddr.
struct SocketAddress: Sendable {
    let family: Int32
    private let bytes: [UInt8]

    /// Addresses tried for one name, at most.
    static let limit = 8

    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        bytes.withUnsafeBytes { bytes in
            // The bytes are a copy of a whole sockaddr of some family, never empty.
            guard let base = bytes.bindMemory(to: sockaddr.self).baseAddress else {
                preconditionFailure("an address without bytes")
            }
            return body(base, socklen_t(bytes.count))
        }
    }

    /// The addresses of a server. Blocks for names; not for addresses in numbers, and with `numericOnly` names have
    /// none.
    static func resolve(_ address: RedisAddress, numericOnly: Bool) -> Result<[SocketAddress], RedisError> {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV | (numericOnly ? AI_NUMERICHOST : 0)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(address.host, String(address.port), &hints, &list)
        guard code == 0 else {
            return .failure(RedisError(.unreachable, "the name is not known: \(String(cString: gai_strerror(code)))"))
        }
        defer { freeaddrinfo(list) }
        var found: [SocketAddress] = []
        var entry = list
        while let info = entry?.pointee, found.count < limit {
            if let raw = info.ai_addr {
                let bytes = UnsafeRawBufferPointer(start: raw, count: Int(info.ai_addrlen))
                found.append(SocketAddress(family: info.ai_family, bytes: Array(bytes)))
            }
            entry = info.ai_next
        }
        return .success(found)
    }
}
