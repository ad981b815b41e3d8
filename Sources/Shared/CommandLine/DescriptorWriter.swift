import Glibc

/// A buffered writer on a file descriptor that it does not own. The first failure is kept: all later writes fail the
/// same way, so that a gap is never followed by more output.
struct DescriptorWriter {
    /// The descriptor, open for the life of the process.
    let descriptor: CInt
    private var buffer: [UInt8] = []
    private let capacity: Int
    private(set) var failure: OutputError?

    /// A writer that keeps back up to `capacity` bytes; 0 writes at once.
    init(descriptor: CInt, capacity: Int) {
        self.descriptor = descriptor
        self.capacity = capacity
    }

    mutating func write(_ text: String) throws(OutputError) {
        if let failure { throw failure }
        buffer.append(contentsOf: text.utf8)
        if buffer.count >= capacity { try flush() }
    }

    /// Hands everything kept back to the system.
    mutating func flush() throws(OutputError) {
        if let failure { throw failure }
        defer { buffer.removeAll(keepingCapacity: true) }
        var written = 0
        while written < buffer.count {
            let count = buffer[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                written += count
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN: waitUntilWritable()
            default:
                let error = OutputError(errno: errno)
                failure = error
                throw error
            }
        }
    }

    /// A descriptor shared with another program may be in non-blocking mode.
    private func waitUntilWritable() {
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&request, 1, 1_000)
    }
}
