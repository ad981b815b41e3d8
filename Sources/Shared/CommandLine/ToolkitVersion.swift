/// The version that all programs of the toolkit share.
package enum ToolkitVersion {
    /// Semantic version, as `--version` prints it.
    package static let current = "0.1.0"
    /// The day of that version, which the man pages carry.
    package static let date = "2026-11-25"
}
