import Synchronization

/// The metrics of one program, and their text in Prometheus' exposition format 0.0.4.
///
/// Metrics are made once, at the start, and updated from any thread; an update of a counter or gauge is one atomic
/// operation. A name or label that Prometheus would refuse, or a name made twice, is a fault of the program and traps.
package final class MetricRegistry: Sendable {
    private let families = Mutex<[String: MetricFamily]>([:])

    /// A registry without metrics.
    package init() {}

    /// Makes a counter with labels. Its name ends in `_total`.
    @discardableResult
    package func counter(_ name: String, help: String, labels: [String] = [], limits: LabelLimits = .init())
        -> CounterFamily
    {
        CounterFamily(add(MetricFamily(name, kind: .counter, help: help, labels: labels, limits: limits)))
    }

    /// Makes a gauge with labels.
    @discardableResult
    package func gauge(_ name: String, help: String, labels: [String] = [], limits: LabelLimits = .init())
        -> GaugeFamily
    {
        GaugeFamily(add(MetricFamily(name, kind: .gauge, help: help, labels: labels, limits: limits)))
    }

    /// Makes a histogram with labels. `buckets` are upper bounds, finite and rising; +Inf is added.
    @discardableResult
    package func histogram(
        _ name: String, help: String, buckets: [Double] = MetricRegistry.latencyBuckets, labels: [String] = [],
        limits: LabelLimits = .init()
    ) -> HistogramFamily {
        precondition(!labels.contains("le"), "\(name): le is the histogram's own label")
        precondition(buckets.allSatisfy(\.isFinite), "\(name): buckets must be finite")
        precondition(zip(buckets, buckets.dropFirst()).allSatisfy { $0 < $1 }, "\(name): buckets must rise")
        let kind = MetricFamily.Kind.histogram(buckets)
        return HistogramFamily(add(MetricFamily(name, kind: kind, help: help, labels: labels, limits: limits)))
    }

    /// Upper bounds in seconds for latencies from a millisecond to ten seconds.
    package static let latencyBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    /// All metrics as text, sorted by name and labels. Each value is read once; they are not of one instant.
    package func exposition() -> String {
        let families = families.withLock { $0.values.sorted { $0.name < $1.name } }
        var text = ""
        for family in families { family.append(to: &text) }
        return text
    }

    private func add(_ family: MetricFamily) -> MetricFamily {
        families.withLock { families in
            precondition(families[family.name] == nil, "metric \(family.name) is made twice")
            families[family.name] = family
        }
        return family
    }
}

/// What keeps hostile label values from growing the process.
package struct LabelLimits: Sendable {
    /// Different values that one label may take; every further one becomes `other`.
    package let values: Int
    /// Different combinations that a metric may have; in every further one all labels become `other`.
    package let series: Int

    /// Limits of at least 1.
    package init(values: Int = 100, series: Int = 1000) {
        self.values = max(1, values)
        self.series = max(1, series)
    }

    /// The most bytes of a label value; the rest is cut at a character.
    package static let valueLength = 128
    /// The value that stands for all those beyond the limits.
    package static let other = "other"
}
