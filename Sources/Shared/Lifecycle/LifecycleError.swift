import Glibc

/// The operating system refused something that the process needs to start or stop in order. A retry does not help.
package struct LifecycleError: Error, Sendable, CustomStringConvertible {
    /// What could not be done, and the system's reason.
    package let description: String

    init(_ what: String, code: Int32) {
        description = "\(what): \(String(cString: strerror(code))) (errno \(code))"
    }
}
