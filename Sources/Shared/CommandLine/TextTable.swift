import Configuration

/// A table of text for people: columns aligned by display width, cells escaped, cut to the terminal if there is one.
package struct TextTable: Sendable {
    /// One column.
    package struct Column: Sendable {
        /// What stands above it.
        package let heading: String
        /// Numbers stand on the right.
        package let isRight: Bool

        /// A column of text.
        package static func text(_ heading: String) -> Column { Column(heading: heading, isRight: false) }
        /// A column of numbers.
        package static func number(_ heading: String) -> Column { Column(heading: heading, isRight: true) }
    }

    /// No cell shows more characters than this, whatever the output.
    package static let cellLimit = 1_000
    /// What is left of a column, where there is not enough room, at least.
    static let narrowest = 8
    private static let gap = "  "

    private let columns: [Column]
    private var rows: [[String]] = []

    /// An empty table with these columns.
    package init(_ columns: [Column]) { self.columns = columns }

    /// Adds a row; cells that are missing stay empty, those beyond the columns are left out. Cells may hold any text:
    /// control characters are escaped.
    package mutating func add(_ cells: [String]) {
        let kept = cells.prefix(columns.count).map { PrintableText.escaped($0, limit: Self.cellLimit) }
        rows.append(kept + [String](repeating: "", count: columns.count - kept.count))
    }

    /// True if there is no row.
    package var isEmpty: Bool { rows.isEmpty }

    /// The table as lines without a break at the end; where the style has a width, the widest columns of text are cut
    /// so that no line is longer.
    package func text(_ style: TextStyle) -> String {
        let widths = fitted(naturalWidths, to: style.width)
        let heading = line(columns.map(\.heading), widths, style)
        let body = rows.map { line($0, widths, style) }
        return ([style.bold(heading)] + body).joined(separator: "\n")
    }

    private var naturalWidths: [Int] {
        columns.indices.map { index in
            rows.reduce(DisplayWidth.columns(columns[index].heading)) { max($0, DisplayWidth.columns($1[index])) }
        }
    }

    /// Takes from the widest column of text, down to the next widest, until the sum fits.
    private func fitted(_ natural: [Int], to width: Int?) -> [Int] {
        guard let width else { return natural }
        var widths = natural
        var excess = widths.reduce(0, +) + Self.gap.count * max(0, columns.count - 1) - width
        while excess > 0 {
            let candidates = widths.indices.filter { !columns[$0].isRight && widths[$0] > Self.narrowest }
            guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { return widths }
            let next = candidates.map { widths[$0] }.filter { $0 < widths[widest] }.max() ?? Self.narrowest
            let step = max(1, min(excess, widths[widest] - next))
            widths[widest] -= step
            excess -= step
        }
        return widths
    }

    private func line(_ cells: [String], _ widths: [Int], _ style: TextStyle) -> String {
        let ellipsis = style.isUnicode ? "…" : "~"
        var line = ""
        for (index, cell) in cells.enumerated() {
            let shown = DisplayWidth.cut(cell, to: widths[index], ellipsis: ellipsis)
            line += index > 0 ? Self.gap : ""
            line += DisplayWidth.padded(shown, to: widths[index], isRight: columns[index].isRight)
        }
        while line.last == " " { line.removeLast() }
        return line
    }
}
