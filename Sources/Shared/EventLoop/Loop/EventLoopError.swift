import Glibc

/// The loop, a socket or TLS could not be set up, or a connection ended badly.
package struct EventLoopError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was tried and why it failed, with the address where there is one; never a byte of what was carried.
    package let description: String
    /// The operating system's errno, 0 where the failure is not the system's.
    package let code: Int32

    /// An error with errno's own words after `what`, unless `code` is 0.
    package init(_ what: String, code: Int32 = 0) {
        self.code = code
        description = code == 0 ? what : "\(what): \(String(cString: strerror(code)))"
    }
}
