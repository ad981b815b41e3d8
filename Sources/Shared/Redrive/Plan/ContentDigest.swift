package import Crypto
package import Kafka

/// SHA-256 over a record's key, value and headers, each behind its length (8 bytes, big-endian; -1 stands for null),
/// headers in their order before their number. Reusable; one thread at a time.
package struct ContentDigest: ~Copyable {
    private var hasher: SHA256Hasher

    /// - Throws: `CryptoError` where libcrypto offers no SHA-256.
    package init() throws(CryptoError) {
        hasher = try SHA256Hasher()
    }

    /// The digest of the record at `index`; its headers must not have been taken out of the batch.
    ///
    /// - Throws: `KafkaError` where the headers cannot be read.
    package mutating func digest(of batch: RecordBatch, _ index: Int) throws(KafkaError) -> SHA256Digest {
        add(batch.key(index))
        add(batch.value(index))
        var headers: Int64 = 0
        do throws(KafkaError) {
            try batch.forEachHeader(index) { name, value in
                headers += 1
                add(name)
                add(value)
            }
        } catch {
            _ = hasher.finish()
            throw error
        }
        withUnsafeBytes(of: headers.bigEndian) { hasher.update($0) }
        return hasher.finish()
    }

    private mutating func add(_ part: UnsafeRawBufferPointer?) {
        withUnsafeBytes(of: Int64(part?.count ?? -1).bigEndian) { hasher.update($0) }
        if let part { hasher.update(part) }
    }
}
