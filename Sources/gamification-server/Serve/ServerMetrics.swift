import Observability

/// The server's metrics (contracts, section 9). Label values are bounded by the registry.
struct ServerMetrics: Sendable {
    let registry = MetricRegistry()
    let badges: CounterFamily
    let badgeLatency: Histogram
    let errors: CounterFamily
    let translationHits: Counter
    let translationMisses: Counter
    let calls: CounterFamily
    let degraded: GaugeFamily
    let backlog: Gauge
    let published: CounterFamily
    let sweeps: CounterFamily

    init() {
        badges = registry.counter(
            "gamification_badge_total", help: "Badges awarded", labels: ["merchant_id", "badge", "locale"],
            limits: LabelLimits(values: 500, series: 2_000))
        badgeLatency = registry.histogram(
            "gamification_badge_latency_seconds", help: "Time that AwardBadge calls took"
        ).with()
        errors = registry.counter(
            "gamification_errors_total", help: "Calls and events that failed, by kind", labels: ["error_type"])
        translationHits = registry.counter(
            "translations_cache_hits_total", help: "Badge names found in the process or in Redis"
        ).with()
        translationMisses = registry.counter(
            "translations_cache_misses_total", help: "Badge names read from the database"
        ).with()
        calls = registry.counter(
            "gamification_grpc_calls_total", help: "gRPC calls, by how they ended", labels: ["method", "code"])
        degraded = registry.gauge(
            "gamification_dependency_degraded", help: "1 while a dependency is away or not as it should be",
            labels: ["dependency"])
        backlog = registry.gauge("gamification_outbox_rows", help: "Awards whose events are not published yet").with()
        published = registry.counter(
            "gamification_outbox_published_total", help: "Awards whose events were published, by who did it",
            labels: ["by"])
        sweeps = registry.counter(
            "gamification_sweeps_total", help: "Sweeps by this instance, by how they ended", labels: ["sweep", "end"])
    }
}
