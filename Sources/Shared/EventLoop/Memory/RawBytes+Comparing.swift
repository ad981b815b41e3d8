import Glibc

extension UnsafeRawBufferPointer {
    /// Whether these are the bytes of a text that is known at compile time.
    package func equals(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount, let baseAddress else { return count == text.utf8CodeUnitCount }
        return memcmp(baseAddress, text.utf8Start, count) == 0
    }

    /// Whether these are the same bytes.
    package func equals(_ other: [UInt8]) -> Bool {
        guard count == other.count, let baseAddress else { return count == other.count }
        return other.withUnsafeBytes { bytes in
            bytes.baseAddress.map { memcmp(baseAddress, $0, count) == 0 } ?? true
        }
    }
}
