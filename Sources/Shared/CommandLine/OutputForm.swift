/// The values of `--output`.
package enum OutputForm: String, Sendable, CaseIterable {
    /// Tables and charts for people.
    case table
    /// One JSON document, or JSON lines.
    case json
}
