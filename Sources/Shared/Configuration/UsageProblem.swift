/// One mistake in flags, environment or configuration file: where it stands and what would be right.
///
/// Problems are collected, never thrown one by one, so that a user mends everything in one go.
package struct UsageProblem: Error, Sendable, Equatable, CustomStringConvertible {
    /// Where the mistake stands: `--rate`, `KAFKA_BROKER (--bootstrap-servers)` or `ops.conf:12`.
    package let place: String
    /// What is wrong and what would be right; one line, safe to print on a terminal.
    package let message: String

    /// A problem at `place`. Both texts are escaped for terminals, so they may quote what a user typed.
    package init(_ place: String, _ message: String) {
        self.place = PrintableText.escaped(place, limit: 200)
        self.message = PrintableText.escaped(message, limit: 2_000)
    }

    /// `place: message`.
    package var description: String { "\(place): \(message)" }
}
