import CommandLine
import Observability
import Redrive
import ToolKit

/// What a drain leaves for Prometheus, through node_exporter's textfile collector.
enum DrainMetrics {
    private static let lastSuccess = "gamification_redrive_last_success_timestamp_seconds"

    /// Writes the outcome's counts to the file; `now` is the end, milliseconds since 1970.
    static func write(_ outcome: DrainOutcome, to path: String, now: Int64) throws(MetricsFileError) {
        let seconds = Double(now) / 1_000
        // A drain that fails leaves the time of the last one that did not: alerts look at how long ago that was.
        let success =
            outcome.isSuccess
            ? seconds
            : EarlierMetrics.value(of: "\(lastSuccess){topic=\"\(outcome.topic)\"}", in: path, maximum: seconds)
        try MetricsFile.write(registry(outcome, now: seconds, success: success), to: path)
    }

    private static func registry(_ outcome: DrainOutcome, now: Double, success: Double?) -> MetricRegistry {
        let registry = MetricRegistry()
        let records = registry.gauge(
            "gamification_redrive_records", help: "Records of the last drain, by what became of them.",
            labels: ["topic", "outcome"])
        let tally = outcome.tally
        for (name, count) in [
            ("redriven", tally.redriven), ("parked", tally.parkedTotal), ("skipped", tally.skipped),
            ("requeued", tally.requeued), ("rejected", tally.rejected), ("gone", tally.gone),
        ] {
            records.with(outcome.topic, name).set(Double(count))
        }
        let parked = registry.gauge(
            "gamification_redrive_parked_records", help: "Records that the last drain parked, by reason.",
            labels: ["topic", "reason"])
        for (reason, count) in tally.parked { parked.with(outcome.topic, reason).set(Double(count)) }
        func gauge(_ name: String, _ help: String, _ value: Double) {
            registry.gauge(name, help: help, labels: ["topic"]).with(outcome.topic).set(value)
        }
        // A 0 would tell whoever watches the queue that it is empty.
        if let remaining = outcome.remaining {
            gauge(
                "gamification_redrive_remaining_offsets", "Offsets not done below the last drain's ends.",
                Double(remaining))
        }
        gauge("gamification_redrive_duration_seconds", "How long the last drain published.", outcome.seconds)
        gauge(
            "gamification_redrive_exit_code", "How the last drain ended; 0 is all done.",
            Double(outcome.exitCode.rawValue))
        gauge("gamification_redrive_last_run_timestamp_seconds", "When the last drain ended.", now)
        if let success { gauge(lastSuccess, "When a drain last dealt with all that was selected.", success) }
        return registry
    }
}
