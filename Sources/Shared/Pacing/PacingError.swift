/// A rate that cannot be meant: which text, and what would be right. A retry does not help.
package struct PacingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was wrong and what would be right.
    package let description: String

    init(_ description: String) { self.description = description }
}
