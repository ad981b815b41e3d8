import CommandLine
import Observability
import ToolKit

/// What a run leaves for Prometheus, through node_exporter's textfile collector.
enum CleanupMetrics {
    private static let lastSuccess = "gamification_cleanup_last_success_timestamp_seconds"

    /// Writes the file. Returns why it could not be written.
    static func write(_ outcome: CleanupOutcome, to path: String) -> String? {
        let now = Double(TimeSource.milliseconds()) / 1_000
        // A run that fails leaves the time of the last one that did not: alerts look at how long ago that was.
        let isSuccess = outcome.exitCode == .done || outcome.exitCode == .partial
        let success = isSuccess ? now : EarlierMetrics.value(of: lastSuccess, in: path, maximum: now)
        do throws(MetricsFileError) {
            try MetricsFile.write(registry(outcome, now: now, success: success), to: path)
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// The outcome's counts; `now` is the end, in seconds since 1970.
    private static func registry(_ outcome: CleanupOutcome, now: Double, success: Double?) -> MetricRegistry {
        let registry = MetricRegistry()
        let tally = outcome.tally
        let rows = registry.gauge(
            "gamification_cleanup_rows", help: "Rows of translations in the last run, by what became of them.",
            labels: ["outcome"])
        for (name, count) in [
            ("read", tally.read), ("deleted", tally.deleted), ("archived", tally.archived),
            ("skipped", tally.skipped), ("not_semantic", tally.unsemantic), ("restored", outcome.restored.restored),
            ("refused", outcome.restored.refused), ("damaged", outcome.restored.damagedRecords),
        ] {
            rows.with(name).set(Double(count))
        }
        func gauge(_ name: String, _ help: String, _ value: Double) {
            registry.gauge(name, help: help, labels: []).with().set(value)
        }
        gauge("gamification_cleanup_batches", "Transactions of the last run.", Double(tally.batches))
        gauge("gamification_cleanup_waits", "How often the last run waited.", Double(tally.waits))
        gauge(
            "gamification_cleanup_invalidated_keys", "Keys and locales whose caches the last run told.",
            Double(tally.invalidated))
        gauge(
            "gamification_cleanup_left_keys", "Keys and locales with rows that the last run could not delete.",
            Double(tally.left))
        if let remaining = outcome.remaining {
            gauge(
                "gamification_cleanup_remaining_rows", "Rows that should go and were there when the last run ended.",
                Double(remaining))
        }
        gauge("gamification_cleanup_duration_seconds", "How long the last run took.", outcome.seconds)
        gauge(
            "gamification_cleanup_exit_code", "How the last run ended; 0 is all done.",
            Double(outcome.exitCode.rawValue))
        gauge("gamification_cleanup_last_run_timestamp_seconds", "When the last run ended.", now)
        if let success { gauge(lastSuccess, "When a run last did all it should.", success) }
        return registry
    }
}
