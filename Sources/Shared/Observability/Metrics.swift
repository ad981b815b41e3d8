/// A counter for every combination of its label values.
package struct CounterFamily: Sendable {
    private let family: MetricFamily

    init(_ family: MetricFamily) { self.family = family }

    /// The counter of these label values, in the order of the labels. Keep it where it is used often: finding it takes
    /// a lock and an allocation, adding to it neither.
    package func with(_ values: String...) -> Counter { Counter(series: family.series(values)) }
}

/// A number that only grows.
package struct Counter: Sendable {
    let series: MetricSeries

    /// Adds `count`, which is not negative.
    package func add(_ count: Int = 1) {
        precondition(count >= 0, "a counter only grows")
        series.add(count)
    }

    /// The present count.
    package var value: Int { series.count }
}

/// A gauge for every combination of its label values.
package struct GaugeFamily: Sendable {
    private let family: MetricFamily

    init(_ family: MetricFamily) { self.family = family }

    /// The gauge of these label values, in the order of the labels; keep it where it is used often.
    package func with(_ values: String...) -> Gauge { Gauge(series: family.series(values)) }
}

/// A number that goes up and down.
package struct Gauge: Sendable {
    let series: MetricSeries

    /// Makes it `value`.
    package func set(_ value: Double) { series.set(value) }

    /// Adds `difference`, which may be negative.
    package func add(_ difference: Double) { series.add(difference) }

    /// The present value.
    package var value: Double { series.value }
}

/// A histogram for every combination of its label values.
package struct HistogramFamily: Sendable {
    private let family: MetricFamily

    init(_ family: MetricFamily) { self.family = family }

    /// The histogram of these label values, in the order of the labels; keep it where it is used often.
    package func with(_ values: String...) -> Histogram { Histogram(series: family.series(values)) }
}

/// Counts observations by size, in fixed buckets.
package struct Histogram: Sendable {
    let series: MetricSeries

    /// Counts one observation, for latencies in seconds.
    package func observe(_ value: Double) { series.observe(value) }
}
