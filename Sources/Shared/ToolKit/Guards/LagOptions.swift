package import CommandLine
import Configuration

/// `--max-lag` and `--lag-wait`.
package struct LagOptions: Sendable {
    /// Empty is no limit.
    package let limits: [LagLimit]
    /// How long they may let a run wait at a stretch.
    package let longest: Duration

    /// Reads the flags, noting every mistake in `reader`.
    package init(_ reader: inout OptionReader) {
        limits = reader.list(RedriveFlags.maxLag, limit: 20) { text throws(ValueError) in try LagLimit(text) }
        longest =
            reader.optionalDuration(RedriveFlags.lagWait, in: .seconds(1)...(.seconds(30 * 86_400))) ?? .seconds(3_600)
    }
}
