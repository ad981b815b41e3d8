package import TestSupport

/// One `reprocess-dlq drain` process.
package final class DrainCopy: Sendable {
    /// The run that its records name.
    package let run: String
    package let process: ChildProcess

    /// At a moderate pace records leave with their commit, and a look at the destination seldom finds one of an open
    /// transaction. With these arguments they leave at once, as they do at higher paces.
    package static let sendingAtOnce = ["-X", "linger.ms=5"]

    /// Starts a copy.
    ///
    /// - Parameters:
    ///   - run: written into every record that it publishes.
    ///   - rate: records a second, or nil for no limit.
    ///   - options: further arguments.
    package init(
        _ kafka: ScratchKafka, _ topics: RedriveTopics, run: String, rate: Int? = nil, options: [String] = []
    ) throws {
        self.run = run
        process = try ChildProcess(
            [
                try ProcessRunner.builtBinary("reprocess-dlq"), "drain", "-b", kafka.bootstrapServers,
                "--topic", topics.source, "--to", topics.destination, "--parked-topic", topics.parked,
                "--progress-topic", topics.progress, "--run", run, "--rate", rate.map(String.init) ?? "max",
                "--no-decode", "--yes", "--output", "json",
            ] + options)
    }

    /// Waits for its end.
    package func wait(deadline: Double = 120) async throws -> ProcessResult {
        try await process.wait(deadline: deadline)
    }
}

extension ProcessResult {
    /// How it ended and what it said, for a test's log.
    package var account: String { "\(timedOut ? "killed after its deadline" : "\(status)"): \(output)\n\(errors)" }
}
