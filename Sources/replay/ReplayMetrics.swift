import CommandLine
import Observability
import Redrive

/// What a replay leaves for Prometheus, through node_exporter's textfile collector.
enum ReplayMetrics {
    /// The outcome's counts as metrics; `now` is the end, milliseconds since 1970.
    static func registry(_ outcome: ReplayOutcome, now: Int64) -> MetricRegistry {
        let registry = MetricRegistry()
        let records = registry.gauge(
            "gamification_replay_records", help: "Records of the last replay, by what became of them.",
            labels: ["outcome"])
        for (name, count) in [
            ("sent", outcome.tally.redriven), ("skipped", outcome.tally.skipped),
            ("rejected", outcome.tally.rejected), ("gone", outcome.tally.gone),
        ] {
            records.with(name).set(Double(count))
        }
        func gauge(_ name: String, _ help: String, _ value: Double) {
            registry.gauge(name, help: help, labels: []).with().set(value)
        }
        if let remaining = outcome.remaining {
            gauge(
                "gamification_replay_remaining_offsets", "Offsets of the last replay's range that are not done.",
                Double(remaining))
        }
        gauge("gamification_replay_duration_seconds", "How long the last replay published.", outcome.seconds)
        gauge(
            "gamification_replay_exit_code", "How the last replay ended; 0 is all done.",
            Double(outcome.exitCode.rawValue))
        gauge("gamification_replay_last_run_timestamp_seconds", "When the last replay ended.", Double(now) / 1_000)
        return registry
    }
}
