/// The 32 bytes of a SHA-256 digest (FIPS 180-4), held inline.
package struct SHA256Digest: Sendable, Hashable, CustomStringConvertible {
    /// A digest's length in bytes.
    package static let byteCount = 32

    private let words: (UInt64, UInt64, UInt64, UInt64)

    /// A digest read back from storage; `nil` unless there are exactly 32 bytes.
    package init?(bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Self.byteCount else { return nil }
        words = (
            bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self),
            bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
            bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self),
            bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
        )
    }

    /// Fills a digest in place; `body` is handed 32 zero bytes.
    init(filling body: (UnsafeMutableRawBufferPointer) -> Void) {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        withUnsafeMutableBytes(of: &words, body)
        self.words = words
    }

    /// The digest's 32 bytes, valid inside `body`.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withUnsafeBytes(of: words, body)
    }

    /// 64 lower-case hexadecimal digits.
    package var description: String {
        withBytes { Hexadecimal.encode($0) }
    }

    /// The same 32 bytes.
    package static func == (left: Self, right: Self) -> Bool {
        left.words == right.words
    }

    /// Equal digests hash alike.
    package func hash(into hasher: inout Hasher) {
        withBytes { hasher.combine(bytes: $0) }
    }
}
