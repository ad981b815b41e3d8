import CommandLine
import Observability
import ToolKit

/// What a run leaves for Prometheus, through node_exporter's textfile collector.
enum CleanupMetrics {
    /// Writes the file. Returns why it could not be written.
    static func write(_ outcome: CleanupOutcome, to path: String) -> String? {
        do throws(MetricsFileError) {
            try MetricsFile.write(registry(outcome, now: TimeSource.milliseconds()), to: path)
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// The outcome's counts; `now` is the end, milliseconds since 1970.
    static func registry(_ outcome: CleanupOutcome, now: Int64) -> MetricRegistry {
        let registry = MetricRegistry()
        let tally = outcome.tally
        let rows = registry.gauge(
            "gamification_cleanup_rows", help: "Rows of translations in the last run, by what became of them.",
            labels: ["outcome"])
        for (name, count) in [
            ("read", tally.read), ("deleted", tally.deleted), ("archived", tally.archived),
            ("skipped", tally.skipped), ("not_semantic", tally.unsemantic), ("restored", outcome.restored.restored),
            ("refused", outcome.restored.refused),
        ] {
            rows.with(name).set(Double(count))
        }
        func gauge(_ name: String, _ help: String, _ value: Double) {
            registry.gauge("gamification_cleanup_\(name)", help: help, labels: []).with().set(value)
        }
        gauge("batches", "Transactions of the last run.", Double(tally.batches))
        gauge("waits", "How often the last run waited.", Double(tally.waits))
        gauge("invalidated_keys", "Keys and locales whose caches the last run told.", Double(tally.invalidated))
        gauge("left_keys", "Keys and locales with rows that the last run could not delete.", Double(tally.left))
        if let remaining = outcome.remaining {
            gauge("remaining_rows", "Rows that should go and were there when the last run ended.", Double(remaining))
        }
        gauge("duration_seconds", "How long the last run took.", outcome.seconds)
        gauge("exit_code", "How the last run ended; 0 is all done.", Double(outcome.exitCode.rawValue))
        gauge("last_run_timestamp_seconds", "When the last run ended.", Double(now) / 1_000)
        if outcome.exitCode == .done || outcome.exitCode == .partial {
            gauge("last_success_timestamp_seconds", "When a run last did all it should.", Double(now) / 1_000)
        }
        return registry
    }
}
