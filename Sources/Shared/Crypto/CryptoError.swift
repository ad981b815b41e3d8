/// libcrypto could not do what was asked.
///
/// None of these can be mended by trying again: the library lacks the algorithm (a FIPS configuration without it), or
/// the machine is out of memory or entropy.
package struct CryptoError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was being done.
    package enum Operation: String, Sendable {
        /// Looking up SHA-256 in libcrypto's providers.
        case fetchSHA256 = "SHA-256 is not offered by this OpenSSL configuration"
        /// Making a digest context.
        case makeContext = "a SHA-256 context could not be made"
        /// Drawing random bytes.
        case random = "the random generator gave no bytes"
    }

    /// What was being done.
    package let operation: Operation

    /// The failure of `operation`.
    package init(_ operation: Operation) {
        self.operation = operation
    }

    /// What OpenSSL could not do.
    package var description: String {
        "libcrypto: \(operation.rawValue); check OPENSSL_CONF and the installed OpenSSL 3"
    }
}
