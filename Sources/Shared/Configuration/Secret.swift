/// A password, token or key: it never shows in descriptions, dumps, mirrors or string interpolation.
package struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let value: String

    /// Wraps `value`.
    package init(_ value: String) { self.value = value }

    /// The secret itself, for the one call that hands it to a client library.
    package func reveal() -> String { value }

    /// Three stars.
    package var description: String { "***" }
    /// Three stars.
    package var debugDescription: String { "***" }
    /// A mirror that shows nothing.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
