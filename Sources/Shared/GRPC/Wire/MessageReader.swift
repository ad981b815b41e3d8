import EventLoop

/// Puts the one message of a unary call together from the pieces in which it comes: a flag for compression, a length of four
/// bytes, the bytes.
struct MessageReader: ~Copyable {
    enum Fault: Error, Equatable {
        /// The message says that it is longer than allowed.
        case tooLarge(Int)
        /// A second message follows, or bytes that belong to none.
        case trailing
        /// The flag is neither 0 nor 1.
        case badFlag(UInt8)
    }

    private static let prefixCount = 5

    private var prefix: UInt64 = 0
    private var prefixRead = 0
    /// The message as far as it has come, compressed if ``isCompressed``.
    private(set) var body = ByteBuffer()

    /// Whether the flag says that the message is compressed.
    var isCompressed: Bool { prefix >> 32 != 0 }
    private var length: Int { Int(prefix & 0xFFFF_FFFF) }
    /// Whether anything has come.
    var hasBegun: Bool { prefixRead > 0 }
    /// Whether the whole message is here.
    var isComplete: Bool { prefixRead == Self.prefixCount && body.count == length }

    mutating func append(_ bytes: UnsafeRawBufferPointer, limit: Int) throws(Fault) {
        var position = 0
        while prefixRead < Self.prefixCount, position < bytes.count {
            prefix = prefix << 8 | UInt64(bytes[position])
            position += 1
            prefixRead += 1
            guard prefixRead == Self.prefixCount else { continue }
            if prefix >> 32 > 1 { throw .badFlag(UInt8(prefix >> 32)) }
            if length > limit { throw .tooLarge(length) }
        }
        let rest = bytes.count - position
        if rest == 0 { return }
        // Memory grows with what came, never with what was announced.
        if rest > length - body.count { throw .trailing }
        body.append(UnsafeRawBufferPointer(rebasing: bytes[position...]))
    }

    /// Puts the decompressed message in the place of the compressed one.
    mutating func replaceBody(with plain: consuming ByteBuffer) { body = plain }

    /// Ready for the next call, with its memory unless that is more than `limit` bytes.
    mutating func reset(keeping limit: Int = 16 << 10) {
        prefix = 0
        prefixRead = 0
        body.removeAll(keeping: limit)
    }
}
