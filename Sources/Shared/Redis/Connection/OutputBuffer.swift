/// Bytes that the network has not taken yet.
struct OutputBuffer {
    private var bytes: [UInt8] = []
    private var head = 0
    /// All bytes that the network has ever taken.
    private(set) var written: UInt64 = 0

    var isEmpty: Bool { head == bytes.count }
    /// All bytes that were ever appended.
    var end: UInt64 { written + UInt64(bytes.count - head) }

    mutating func append(_ command: RedisCommand) { command.write(to: &bytes) }

    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[head...])) }
    }

    /// The network has taken `count` more.
    mutating func drop(_ count: Int) {
        head += count
        written += UInt64(count)
        if head == bytes.count {
            bytes.removeAll(keepingCapacity: true)
            head = 0
        } else if head > 1 << 16, head * 2 > bytes.count {
            bytes.removeFirst(head)
            head = 0
        }
    }
}
