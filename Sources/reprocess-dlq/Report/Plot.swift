/// A line over time as SVG, in the page's colours.
struct Plot {
    let title: String
    let unit: String
    /// Seconds and value, in order of time.
    let points: [(seconds: Double, value: Double)]

    private static let (width, height) = (720.0, 180.0)
    private static let (left, bottom, top) = (70.0, 24.0, 12.0)

    /// Nil where there is nothing to draw.
    var svg: String? {
        guard points.count > 1, let last = points.last?.seconds, last > 0 else { return nil }
        let highest = max(points.map(\.value).max() ?? 0, 1)
        let scale = Self.nice(highest)
        func x(_ seconds: Double) -> Double { Self.left + seconds / last * (Self.width - Self.left - 8) }
        func y(_ value: Double) -> Double {
            Self.height - Self.bottom - value / scale * (Self.height - Self.bottom - Self.top)
        }
        let path = points.map { "\(Self.number(x($0.seconds))),\(Self.number(y($0.value)))" }.joined(separator: " ")
        var parts = [
            "<svg viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\" role=\"img\" aria-label=\"\(HTML.escaped(title))\">"
        ]
        for part in [0.0, 0.5, 1.0] {
            let level = y(scale * part)
            parts.append(
                "<line class=\"grid\" x1=\"\(Self.left)\" x2=\"\(Self.width - 8)\" y1=\"\(Self.number(level))\" "
                    + "y2=\"\(Self.number(level))\"/><text x=\"\(Self.left - 8)\" y=\"\(Self.number(level + 4))\" "
                    + "text-anchor=\"end\">\(Self.label(scale * part))</text>")
        }
        for part in [0.0, 0.5, 1.0] {
            parts.append(
                "<text x=\"\(Self.number(x(last * part)))\" y=\"\(Self.height - 6)\" "
                    + "text-anchor=\"\(part == 1 ? "end" : part == 0 ? "start" : "middle")\">\(Self.time(last * part))</text>"
            )
        }
        parts.append("<polyline points=\"\(path)\"/></svg>")
        return "<figure><figcaption>\(HTML.escaped(title)) <span>\(HTML.escaped(unit))</span></figcaption>"
            + parts.joined() + "</figure>"
    }

    /// The next of 1, 2, 5, 10, … above.
    static func nice(_ value: Double) -> Double {
        var power = 1.0
        while power * 10 <= value { power *= 10 }
        return [1, 2, 5, 10].map { $0 * power }.first { $0 >= value } ?? power * 10
    }

    private static func number(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }

    private static func label(_ value: Double) -> String {
        switch value {
        case 1_000_000...: "\(short(value / 1_000_000))M"
        case 1_000...: "\(short(value / 1_000))k"
        default: short(value)
        }
    }

    private static func short(_ value: Double) -> String { Int(exactly: value).map(String.init) ?? number(value) }

    private static func time(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded())
        return whole >= 3_600
            ? "\(whole / 3_600) h \(whole % 3_600 / 60) min"
            : whole >= 60 ? "\(whole / 60) min \(whole % 60) s" : "\(whole) s"
    }
}
