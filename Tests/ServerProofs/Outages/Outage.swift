/// What is ended and started again.
package enum Outage: String, CaseIterable, Sendable {
    case firstInstance = "kill -9 of instance 1"
    case secondInstance = "kill -9 of instance 2"
    case kafka = "Kafka killed"
    case redis = "Redis killed, data kept"
    case emptyRedis = "Redis killed, comes back empty"
    case postgres = "PostgreSQL killed"
}

/// How one outage went, in seconds.
package struct Recovery: Sendable {
    package let outage: Outage
    /// From the kill until it was back.
    let away: Double
    /// The longest time in which no call of the load was answered.
    let gap: Double
    /// From its return until each instance had made a new award.
    let calls: Double
    /// From its return until events published then, one in each partition, were counted.
    let saga: Double
    /// From its return until all boards were filled and equal to the totals; nil where they were not lost.
    let boards: Double?

    static func table(_ recoveries: [Recovery]) -> [String] {
        let head = ["outage", "times", "away", "no answer", "awards", "saga", "boards"]
        var rows = [head]
        for outage in Outage.allCases {
            let these = recoveries.filter { $0.outage == outage }
            guard !these.isEmpty else { continue }
            rows.append(
                [outage.rawValue, "\(these.count)"]
                    + [these.map(\.away), these.map(\.gap), these.map(\.calls), these.map(\.saga)].map(range)
                    + [range(these.compactMap(\.boards))])
        }
        let widths = head.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
        }
    }

    /// Median and worst.
    private static func range(_ values: [Double]) -> String {
        let sorted = values.sorted()
        guard let last = sorted.last else { return "-" }
        return "\(tenths(sorted[sorted.count / 2])) (\(tenths(last)))"
    }
}

func tenths(_ value: Double) -> Double { (value * 10).rounded() / 10 }
