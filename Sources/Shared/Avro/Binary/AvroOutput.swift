/// Bytes being written: plain memory that grows, because an array's checks cost more than the writing.
package struct AvroOutput: ~Copyable {
    private var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    /// Bytes written so far.
    package private(set) var count = 0

    /// Nothing yet; memory for `capacity` bytes, at least 1.
    package init(capacity: Int = 512) {
        base = .allocate(capacity: capacity)
        self.capacity = capacity
    }

    deinit { base.deallocate() }

    /// Hands what was written to `body`; valid inside it.
    package func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(start: base, count: count))
    }

    /// Takes back the last `bytes` bytes, at most all.
    package mutating func removeLast(_ bytes: Int) { count -= min(max(0, bytes), count) }

    /// Appends what was written to `bytes`.
    func copy(to bytes: inout [UInt8]) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: base, count: count))
    }

    @inline(__always)
    private mutating func reserve(_ more: Int) {
        if capacity &- count < more { grow(more) }
    }

    @inline(never)
    private mutating func grow(_ more: Int) {
        let larger = max(capacity * 2, count + more)
        let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        memory.update(from: base, count: count)
        base.deallocate()
        (base, capacity) = (memory, larger)
    }

    /// One byte as it is.
    @inline(__always)
    package mutating func append(_ byte: UInt8) {
        reserve(1)
        base[count] = byte
        count &+= 1
    }

    /// Zigzag and variable length (Avro 1.11, "Binary Encoding").
    @inline(__always)
    package mutating func append(long value: Int64) {
        reserve(10)
        var rest = UInt64(bitPattern: (value << 1) ^ (value >> 63))
        while rest >= 0x80 {
            base[count] = UInt8(truncatingIfNeeded: rest) | 0x80
            count &+= 1
            rest >>= 7
        }
        base[count] = UInt8(truncatingIfNeeded: rest)
        count &+= 1
    }

    /// Bytes as they are, without their length.
    @inline(__always)
    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        reserve(bytes.count)
        UnsafeMutableRawPointer(base + count).copyMemory(from: start, byteCount: bytes.count)
        count &+= bytes.count
    }

    @inline(__always)
    mutating func append(bits: some FixedWidthInteger) {
        withUnsafeBytes(of: bits.littleEndian) { append($0) }
    }

    /// A string: its length, then its UTF-8.
    package mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            append(long: Int64(utf8.count))
            append(UnsafeRawBufferPointer(utf8))
        }
    }
}
