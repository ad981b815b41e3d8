import Synchronization

/// One metric: its name, and a series for every combination of label values seen, within ``LabelLimits``.
final class MetricFamily: Sendable {
    enum Kind: Sendable {
        case counter
        case gauge
        case histogram([Double])
    }

    private struct State {
        var series: [[String]: MetricSeries] = [:]
        var seen: [Set<String>]
    }

    let name: String
    private let kind: Kind
    private let help: String
    private let labels: [String]
    private let limits: LabelLimits
    private let state: Mutex<State>

    init(_ name: String, kind: Kind, help: String, labels: [String], limits: LabelLimits) {
        precondition(MetricText.isMetricName(name), "\(name) is no metric name")
        precondition(labels.allSatisfy(MetricText.isLabelName), "\(name): a label is [a-zA-Z_][a-zA-Z0-9_]*, not __…")
        precondition(Set(labels).count == labels.count, "\(name): a label stands twice")
        self.name = name
        self.kind = kind
        self.help = help
        self.labels = labels
        self.limits = limits
        state = Mutex(State(seen: labels.map { _ in [] }))
        // A metric without labels shows its zero from the start, so that a rate over it can be computed.
        if labels.isEmpty { _ = series([]) }
    }

    func series(_ values: [String]) -> MetricSeries {
        precondition(values.count == labels.count, "\(name) has \(labels.count) labels, not \(values.count)")
        return state.withLock { state in
            if let known = state.series[values] { return known }
            let bounded = bound(values, &state)
            if let known = state.series[bounded] { return known }
            let made = makeSeries()
            state.series[bounded] = made
            return made
        }
    }

    private func bound(_ values: [String], _ state: inout State) -> [String] {
        let others = values.map { _ in LabelLimits.other }
        var bounded: [String] = []
        for (index, value) in values.enumerated() {
            let short = MetricText.cut(value, LabelLimits.valueLength)
            let isKnown = state.seen[index].contains(short)
            bounded.append(isKnown || state.seen[index].count < limits.values ? short : LabelLimits.other)
        }
        // The combination of all others stands outside the limit, or there would be nowhere to count the rest.
        guard state.series[bounded] != nil || state.series.count < limits.series else { return others }
        for (index, value) in bounded.enumerated() where value != LabelLimits.other { state.seen[index].insert(value) }
        return bounded
    }

    private func makeSeries() -> MetricSeries {
        if case .histogram(let bounds) = kind { MetricSeries(bounds: bounds) } else { MetricSeries(bounds: []) }
    }

    func append(to text: inout String) {
        let series = state.withLock { $0.series.sorted { $0.key.lexicographicallyPrecedes($1.key) } }
        text += "# HELP \(name) \(MetricText.escapedHelp(help))\n"
        switch kind {
        case .counter: text += "# TYPE \(name) counter\n"
        case .gauge: text += "# TYPE \(name) gauge\n"
        case .histogram: text += "# TYPE \(name) histogram\n"
        }
        for (values, series) in series {
            switch kind {
            case .counter: text += "\(name)\(labelText(values)) \(series.count)\n"
            case .gauge: text += "\(name)\(labelText(values)) \(MetricText.number(series.value))\n"
            case .histogram(let bounds): appendHistogram(series, bounds, values, &text)
            }
        }
    }

    private func appendHistogram(
        _ series: MetricSeries, _ bounds: [Double], _ values: [String], _ text: inout String
    ) {
        let (buckets, sum) = series.buckets
        var count = 0
        for (bound, bucket) in zip(bounds + [.infinity], buckets) {
            count += bucket
            text += "\(name)_bucket\(labelText(values, bound: MetricText.number(bound))) \(count)\n"
        }
        text += "\(name)_sum\(labelText(values)) \(MetricText.number(sum))\n"
        text += "\(name)_count\(labelText(values)) \(count)\n"
    }

    private func labelText(_ values: [String], bound: String? = nil) -> String {
        var pairs = zip(labels, values).map { "\($0)=\"\(MetricText.escapedLabel($1))\"" }
        if let bound { pairs.append("le=\"\(bound)\"") }
        return pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}"
    }
}
