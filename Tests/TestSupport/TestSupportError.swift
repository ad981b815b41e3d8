import Glibc

/// A fixture could not be set up, or a helper process failed: what happened, in full, for the test's log.
package struct TestSupportError: Error, Sendable, CustomStringConvertible {
    /// What happened.
    package let description: String

    /// An error that says `description`.
    package init(_ description: String) { self.description = description }

    /// An error that adds the system's reason to `what`.
    package init(_ what: String, code: Int32) {
        description = "\(what): \(String(cString: strerror(code)))"
    }
}
