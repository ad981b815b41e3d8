import CommandLine
import Observability
import Redrive

/// What a drain leaves for Prometheus, through node_exporter's textfile collector.
enum DrainMetrics {
    /// The outcome's counts as metrics; `now` is the end, milliseconds since 1970.
    static func registry(_ outcome: DrainOutcome, now: Int64) -> MetricRegistry {
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
        gauge(
            "gamification_redrive_remaining_offsets", "Offsets not done below the last drain's ends.",
            Double(outcome.remaining))
        gauge("gamification_redrive_duration_seconds", "How long the last drain published.", outcome.seconds)
        gauge(
            "gamification_redrive_exit_code", "How the last drain ended; 0 is all done.",
            Double(outcome.exitCode.rawValue))
        gauge("gamification_redrive_last_run_timestamp_seconds", "When the last drain ended.", Double(now) / 1_000)
        if outcome.exitCode == .done || outcome.exitCode == .partial {
            gauge(
                "gamification_redrive_last_success_timestamp_seconds",
                "When a drain last dealt with all that was selected.", Double(now) / 1_000)
        }
        return registry
    }
}
