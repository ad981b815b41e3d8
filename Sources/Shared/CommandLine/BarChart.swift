import Configuration

/// Counts by label as horizontal bars: how a dead-letter queue's reasons or ages are shown.
package struct BarChart: Sendable {
    /// One bar.
    package struct Item: Sendable, Equatable {
        /// What is counted.
        package let label: String
        /// How many; the length of the bar.
        package let count: Int

        /// The bar `label` of length `count`.
        package init(_ label: String, _ count: Int) {
            self.label = label
            self.count = count
        }
    }

    private let title: String
    private let items: [Item]
    private let total: Int

    /// A chart of `items` in the order given; shares are of `total`, by default of their sum.
    package init(_ title: String, _ items: [Item], total: Int? = nil) {
        self.title = title
        self.items = items
        self.total = total ?? items.reduce(0) { $0 + $1.count }
    }

    /// The `limit` largest items, the rest joined into one called `other (N kinds)`; equal counts by label.
    package static func largest(_ items: [Item], limit: Int) -> [Item] {
        let sorted = items.sorted { ($1.count, $0.label) < ($0.count, $1.label) }
        guard sorted.count > limit, limit > 0 else { return sorted }
        let rest = sorted[(limit - 1)...]
        return Array(sorted[..<(limit - 1)])
            + [Item("other (\(rest.count) kinds)", rest.reduce(0) { $0 + $1.count })]
    }

    /// The chart as lines without a break at the end: label, count, share and a bar as long as the width allows, the
    /// longest being the largest count.
    package func text(_ style: TextStyle) -> String {
        let width = min(style.width ?? 80, 120)
        let labels = items.map { PrintableText.escaped($0.label, limit: 200) }
        let counts = items.map { HumanText.count($0.count) }
        let shares = items.map { HumanText.percent($0.count, of: total) }
        let labelWidth = min(labels.map { DisplayWidth.columns($0) }.max() ?? 0, max(12, width / 2))
        let countWidth = counts.map(\.count).max() ?? 0
        let barWidth = max(4, width - labelWidth - countWidth - 15)
        let largest = items.map(\.count).max() ?? 0
        let ellipsis = style.isUnicode ? "…" : "~"
        let lines = items.indices.map { index in
            let label = DisplayWidth.cut(labels[index], to: labelWidth, ellipsis: ellipsis)
            let bar = Bar.text(part: items[index].count, of: largest, width: barWidth, style: style)
            let drawn = String(bar.reversed().drop { $0 == " " || $0 == "." }.reversed())
            return "  \(DisplayWidth.padded(label, to: labelWidth))"
                + "  \(DisplayWidth.padded(counts[index], to: countWidth, isRight: true))"
                + "  \(DisplayWidth.padded(shares[index], to: 5, isRight: true))  \(style.cyan(drawn))"
        }
        return ([style.bold(PrintableText.escaped(title, limit: 200))] + lines).joined(separator: "\n")
    }
}
