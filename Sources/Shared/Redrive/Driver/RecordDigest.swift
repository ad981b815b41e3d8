package import Crypto

/// The digest by which a witness is recognised: SHA-256 over key and value, each behind its length.
package struct RecordDigest: ~Copyable {
    private var hasher: SHA256Hasher

    /// - Throws: `CryptoError` where libcrypto offers no SHA-256.
    package init() throws(CryptoError) {
        hasher = try SHA256Hasher()
    }

    /// The digest of one record; a length of -1 stands for null.
    package mutating func digest(key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?) -> [UInt8] {
        for part in [key, value] {
            withUnsafeBytes(of: Int64(part?.count ?? -1).bigEndian) { hasher.update($0) }
            if let part { hasher.update(part) }
        }
        return hasher.finish().withBytes { Array($0) }
    }
}
