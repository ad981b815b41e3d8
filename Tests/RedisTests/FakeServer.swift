import Glibc
import Lifecycle
import Synchronization
import TestSupport

/// Takes connections on a port of 127.0.0.1 and answers whatever it is sent with the same bytes each time.
final class FakeServer: Sendable {
    let port: UInt16
    private let listener: Int32
    private let accepted = Atomic(0)

    /// How many connections there were.
    var connections: Int { accepted.load(ordering: .relaxed) }

    /// - Parameters:
    ///   - answer: what is sent for everything that comes, by the number of answers before it on that connection.
    ///   - ends: whether the connection is closed after the answer.
    init(ends: Bool = false, answer: @escaping @Sendable (Int) -> [UInt8]) throws {
        port = try FreePort.next()
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        self.listener = listener
        guard bound == 0, listen(listener, 16) == 0 else { throw TestSupportError("cannot listen", code: errno) }
        NamedThread.start("fake-server") { [weak self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                self?.accepted.wrappingAdd(1, ordering: .relaxed)
                NamedThread.start("fake-client") { Self.serve(client, ends, answer) }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private static func serve(_ client: Int32, _ ends: Bool, _ answer: (Int) -> [UInt8]) {
        defer { close(client) }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var count = 0
        while recv(client, &buffer, buffer.count, 0) > 0 {
            let bytes = answer(count)
            count += 1
            var sent = 0
            while sent < bytes.count {
                let step = bytes[sent...].withUnsafeBytes {
                    send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard step > 0 else { return }
                sent += step
            }
            if ends { return }
        }
    }
}
