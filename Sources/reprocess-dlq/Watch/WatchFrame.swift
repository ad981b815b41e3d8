import CommandLine
import Redrive
import ToolKit

/// One look at the queue.
struct WatchFrame: Sendable {
    /// Milliseconds since 1970.
    let at: Int64
    let topic: String
    var clusterID = ""
    /// Offsets that are not done.
    var size: Int64 = 0
    var heldBack: Int64 = 0
    /// Records a second since the look before; nil at the first.
    var arrivals: Double?
    var redrives: Double?
    /// Of the records looked into.
    var reasons: [(text: String, count: Int64)] = []
    var ages: [(text: String, count: Int64)] = []
    var sampled: Int64 = 0
    var isSampleWhole = true
    /// The oldest failure, milliseconds since 1970.
    var oldest: Int64?
    var lags: [(group: String, topic: String, records: Int64?)] = []
    /// What stands in the way.
    var trouble: String?

    /// For a terminal.
    func lines(_ style: TextStyle) -> [String] {
        var lines = [
            "\(style.bold(topic)) on cluster \(clusterID)  \(style.dim(TimePoint(milliseconds: at).description))", "",
            "  not done   \(style.bold(HumanText.count(size))) offsets"
                + (heldBack > 0 ? ", \(HumanText.count(heldBack)) more held back by an open transaction" : ""),
            "  arrivals   \(rate(arrivals))", "  redriven   \(rate(redrives))",
        ]
        if let oldest {
            lines.append(
                "  oldest     \(HumanText.age(TimePoint(milliseconds: oldest), now: TimePoint(milliseconds: at)))")
        }
        for lag in lags {
            let behind = lag.records.map { "\(HumanText.count($0)) records behind on \(lag.topic)" } ?? "lag not known"
            lines.append("  lag        \(lag.group): \(behind)")
        }
        if let trouble { lines += ["", style.red(trouble)] }
        if sampled > 0 {
            let title = isSampleWhole ? "By reason" : "By reason, of the first \(HumanText.count(sampled))"
            let shown = reasons.map { (text: LabelRanking.shortened($0.text), count: $0.count) }
            lines += [""] + chart(title, shown, style) + [""] + chart("By age", ages.filter { $0.count > 0 }, style)
        }
        return lines
    }

    private func rate(_ value: Double?) -> String { value.map { HumanText.rate($0) } ?? "…" }

    private func chart(_ title: String, _ items: [(text: String, count: Int64)], _ style: TextStyle) -> [String] {
        BarChart(title, items.map { .init($0.text, Int(clamping: $0.count)) }, total: Int(clamping: sampled))
            .text(style).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// One line of the stream; `docs/json-output.md` describes it.
    var json: JSONValue {
        func counts(_ items: [(text: String, count: Int64)]) -> JSONValue {
            .object(items.map { .init($0.text, .integer($0.count)) })
        }
        return .object([
            .init("at", .string(TimePoint(milliseconds: at).description)), .init("cluster_id", .string(clusterID)),
            .init("topic", .string(topic)), .init("remaining", .integer(size)), .init("held_back", .integer(heldBack)),
            .init("arrivals_per_second", arrivals.map { .number($0) } ?? .null),
            .init("redrives_per_second", redrives.map { .number($0) } ?? .null),
            .init("oldest_failure", JSONValue(oldest.map { TimePoint(milliseconds: $0).description })),
            .init("sampled", .integer(sampled)), .init("by_reason", counts(reasons)), .init("by_age", counts(ages)),
            .init(
                "lags",
                .array(
                    lags.map {
                        .object([
                            .init("group", .string($0.group)), .init("topic", .string($0.topic)),
                            .init("records", $0.records.map { .integer($0) } ?? .null),
                        ])
                    })),
            .init("error", JSONValue(trouble)),
        ])
    }
}
