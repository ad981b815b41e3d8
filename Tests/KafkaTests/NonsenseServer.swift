import Dispatch
import Glibc

/// Answers every connection with text that is neither Kafka nor TLS.
final class NonsenseServer: Sendable {
    let address: String
    private let socketDescriptor: Int32

    struct Failure: Error {}

    init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutableBytes(of: &name) { bytes -> Bool in
            guard let raw = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return false }
            return bind(descriptor, raw, length) == 0 && listen(descriptor, 16) == 0
                && getsockname(descriptor, raw, &length) == 0
        }
        guard isBound else {
            close(descriptor)
            throw Failure()
        }
        address = "127.0.0.1:\(UInt16(bigEndian: name.sin_port))"
        socketDescriptor = descriptor
        DispatchQueue(label: "nonsense").async {
            while case let connection = accept(descriptor, nil, nil), connection >= 0 {
                let text = "HTTP/1.1 400 Bad Request\r\n\r\n"
                _ = send(connection, text, text.utf8.count, Int32(MSG_NOSIGNAL))
                close(connection)
            }
            close(descriptor)
        }
    }

    deinit {
        // Ends the accept; the thread closes the descriptor.
        shutdown(socketDescriptor, Int32(SHUT_RDWR))
    }
}
