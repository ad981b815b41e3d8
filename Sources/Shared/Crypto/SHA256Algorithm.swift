import CCrypto

/// SHA-256 as the default provider offers it, looked up once: OpenSSL 3 takes a lock and searches its providers at
/// every implicit lookup.
///
/// `@unchecked Sendable`: an `EVP_MD` is immutable and reference-counted with atomics (EVP_MD_fetch(3)); this one is
/// never changed after `init`.
final class SHA256Algorithm: @unchecked Sendable {
    /// The process's copy; a failed lookup is kept too, since a configuration does not change in a running process.
    static let shared = Result { () throws(CryptoError) in try SHA256Algorithm() }

    let pointer: OpaquePointer

    private init() throws(CryptoError) {
        guard let pointer = EVP_MD_fetch(nil, "SHA256", nil) else { throw CryptoError(.fetchSHA256) }
        self.pointer = pointer
    }

    deinit {
        EVP_MD_free(pointer)
    }
}
