import CCrypto

/// SHA-256 (FIPS 180-4) with a context of its own, reusable without allocation.
///
/// Not `Sendable`: one thread at a time.
package struct SHA256Hasher: ~Copyable {
    private let context: OpaquePointer

    /// - Throws: `CryptoError` if this OpenSSL offers no SHA-256 or memory is out.
    package init() throws(CryptoError) {
        let algorithm = try SHA256Algorithm.shared.get()
        guard let context = EVP_MD_CTX_new() else { throw CryptoError(.makeContext) }
        guard EVP_DigestInit_ex2(context, algorithm.pointer, nil) == 1 else {
            EVP_MD_CTX_free(context)
            throw CryptoError(.makeContext)
        }
        self.context = context
    }

    deinit {
        EVP_MD_CTX_free(context)
    }

    /// Adds bytes to the message. A message may be given in any number of parts.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
        let done = EVP_DigestUpdate(context, base, bytes.count)
        precondition(done == 1, "an initialised SHA-256 context takes any bytes")
    }

    /// The message's digest. The hasher is then as new, for another message.
    package mutating func finish() -> SHA256Digest {
        let context = self.context
        let digest = SHA256Digest { buffer in
            let done = EVP_DigestFinal_ex(context, buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), nil)
            precondition(done == 1, "an initialised SHA-256 context can be finished")
        }
        // Without a digest named, OpenSSL keeps the one there is and its memory.
        let restarted = EVP_DigestInit_ex2(context, nil, nil)
        precondition(restarted == 1, "a finished SHA-256 context can be started again")
        return digest
    }

    /// The digest of one message given whole.
    package mutating func digest(of bytes: UnsafeRawBufferPointer) -> SHA256Digest {
        update(bytes)
        return finish()
    }
}

extension SHA256Digest {
    /// The digest of one message, with a context made for it: for now and then, not for a loop.
    /// - Throws: `CryptoError` as `SHA256Hasher.init` does.
    package static func of(_ bytes: UnsafeRawBufferPointer) throws(CryptoError) -> SHA256Digest {
        var hasher = try SHA256Hasher()
        return hasher.digest(of: bytes)
    }
}
