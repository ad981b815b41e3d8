import Observability

/// The saga's metrics, brought up to date from its status.
final class SagaMetrics {
    /// Offsets of the dead-letter topic that no drain has dealt with.
    let queueSize: Gauge
    private let records: CounterFamily
    private let awards: Counter
    private let pauses: Counter
    private let paused: Gauge
    private let partitions: Gauge
    private let lag: Gauge
    private let waiting: Gauge
    private let errors: CounterFamily
    private var last = SagaStatus.Snapshot()

    init(_ metrics: ServerMetrics) {
        let registry = metrics.registry
        errors = metrics.errors
        queueSize = registry.gauge(
            "gamification_dlq_size_total", help: "Dead letters that no drain has dealt with"
        ).with()
        records = registry.counter(
            "gamification_saga_records_total", help: "Consumed records, by what became of them", labels: ["outcome"])
        awards = registry.counter(
            "gamification_saga_awards_total", help: "Awards that badge rules asked for and got"
        ).with()
        pauses = registry.counter(
            "gamification_saga_pauses_total", help: "Times that consumption was paused instead of flooding the DLQ"
        ).with()
        paused = registry.gauge("gamification_saga_paused", help: "1 while consumption is paused").with()
        partitions = registry.gauge("gamification_saga_partitions", help: "Partitions that this instance has").with()
        lag = registry.gauge(
            "gamification_saga_lag_records", help: "Offsets of this instance's partitions that are not committed"
        ).with()
        waiting = registry.gauge(
            "gamification_saga_waiting_records", help: "Records in hand that are not dealt with yet"
        ).with()
    }

    func take(_ snapshot: SagaStatus.Snapshot) {
        let (now, before) = (snapshot.tally, last.tally)
        records.with("counted").add(now.counted - before.counted)
        records.with("repeated").add(now.repeated - before.repeated)
        records.with("outdated").add(now.outdated - before.outdated)
        records.with("foreign").add(now.foreign - before.foreign)
        records.with("updated").add(now.updates - before.updates)
        records.with("dead_lettered").add(now.buried - before.buried)
        records.with("retried").add(now.retried - before.retried)
        awards.add(now.awards - before.awards)
        pauses.add(now.pauses - before.pauses)
        for (code, count) in snapshot.buried {
            let more = count - (last.buried[code] ?? 0)
            if more > 0 { errors.with(code).add(more) }
        }
        paused.set(snapshot.pauseReason == nil ? 0 : 1)
        partitions.set(Double(snapshot.partitions))
        lag.set(Double(snapshot.lag))
        waiting.set(Double(snapshot.waiting))
        last = snapshot
    }
}
