import CCrypto

/// Bytes from libcrypto's cryptographic generator. Callable from any thread.
package enum RandomBytes {
    /// The most bytes one call gives.
    package static let limit = 4_096

    /// Fills a buffer.
    /// - Throws: `CryptoError` if the generator has no entropy; nothing is to be used then.
    package static func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(CryptoError) {
        guard let base = buffer.baseAddress, !buffer.isEmpty else { return }
        guard buffer.count <= limit,
            RAND_bytes(base.assumingMemoryBound(to: UInt8.self), CInt(buffer.count)) == 1
        else { throw CryptoError(.random) }
    }

    /// A random id in lower-case hexadecimal, twice `byteCount` digits long (16 bytes make an id that never repeats).
    /// - Throws: `CryptoError` if the generator has no entropy or `byteCount` is beyond `limit`.
    package static func hexadecimalID(byteCount: Int = 16) throws(CryptoError) -> String {
        var bytes = [UInt8](repeating: 0, count: max(0, min(byteCount, limit + 1)))
        do {
            return try bytes.withUnsafeMutableBytes { buffer in
                try fill(buffer)
                return Hexadecimal.encode(UnsafeRawBufferPointer(buffer))
            }
        } catch let error as CryptoError {
            throw error
        } catch {
            throw CryptoError(.random)
        }
    }
}
