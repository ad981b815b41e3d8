import CommandLine
import Events
import Glibc
import Redrive
import ToolKit

/// `--report FILE`: one page about a run, for the incident's ticket. No personal data: ids, counts and names of topics.
struct RunReport: Sendable {
    let outcome: DrainOutcome
    let command: String
    let by: String
    /// Milliseconds since 1970.
    let began: Int64
    let ended: Int64
    /// What was there at the beginning; nil where nobody looked.
    let before: ListTally?
    let series: RunSeries

    /// The page.
    var html: String {
        let tally = outcome.tally
        var parts = [
            HTML.head("\(outcome.job.name) \(outcome.run)"),
            "<h1>\(HTML.escaped(outcome.job.name)) <span class=\"dim\">\(HTML.escaped(outcome.run))</span></h1>",
            "<p>\(HTML.escaped(outcome.topic)) to \(HTML.escaped(outcome.destination)), cluster "
                + "\(HTML.escaped(outcome.clusterID))</p>",
            "<p class=\"dim\">\(time(began)) to \(time(ended)), by \(HTML.escaped(by))</p>",
            "<p class=\"\(outcome.exitCode == .done ? "good" : "bad")\">\(HTML.escaped(outcome.exitCode.meaning)) "
                + "(exit \(outcome.exitCode.rawValue))</p>",
        ]
        if let refusal = outcome.refusal { parts.append("<p>\(clean(refusal.description))</p>") }
        parts.append("<h2>What was done</h2><table>\(done)</table>")
        if let canary = outcome.canary { parts.append("<p>Canary: \(HTML.escaped(canary.sentence)).</p>") }
        parts.append(
            HTML.counts(
                outcome.job.archive == nil ? "Parked, by reason" : "Discarded",
                tally.parked.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
                    (PersonalData.masked($0.key), $0.value)
                },
                of: tally.parkedTotal, HumanText.count))
        if let plan = outcome.plan {
            parts.append(
                "<section><h3>The plan</h3><pre>\(HTML.escaped(plan.lines.joined(separator: "\n")))</pre></section>")
        }
        parts += plots
        if let before { parts.append(there(before)) }
        parts.append("<h2>The command</h2><pre>\(clean(command))</pre></main></body></html>\n")
        return parts.joined(separator: "\n")
    }

    /// Writes the page; the file appears whole or not at all.
    func write(to path: String) throws(Refusal) {
        if let reason = OutputFile.objection(to: path) {
            throw Refusal(.failed, "the report \(path) cannot be written: \(reason)")
        }
        let partial = "\(path).\(getpid()).part"
        func failure() -> Refusal {
            let reason = String(cString: strerror(errno))
            unlink(partial)
            return Refusal(.failed, "the report \(path) cannot be written: \(reason)")
        }
        // Left behind by a process of the same id that was killed: in containers ids come again.
        unlink(partial)
        let descriptor = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure() }
        let bytes = Array(html.utf8)
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress?.advanced(by: offset), bytes.count - offset)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                close(descriptor)
                throw failure()
            }
            offset += count
        }
        guard fsync(descriptor) == 0 || errno == EINVAL, close(descriptor) == 0, rename(partial, path) == 0 else {
            throw failure()
        }
    }

    private var done: String {
        let tally = outcome.tally
        let rows: [(String, Int64)] =
            [
                ("redriven", tally.redriven), (outcome.job.archive == nil ? "parked" : "discarded", tally.parkedTotal),
                ("requeued", tally.requeued), ("not selected, left", tally.skipped),
                ("taken by no topic, left", tally.rejected), ("deleted by retention before", tally.gone),
            ] + (outcome.remaining.map { [("left to do (offsets)", $0)] } ?? [])
        let seconds = outcome.seconds > 0 ? outcome.seconds : 1
        return rows.map { "<tr><th>\($0.0)</th><td>\(HumanText.count($0.1))</td></tr>" }.joined()
            + "<tr><th>published</th><td>\(HumanText.bytes(Int(clamping: tally.bytes)))</td></tr>"
            + "<tr><th>in</th><td>\(HumanText.duration(.seconds(outcome.seconds))), "
            + "\(HumanText.rate(Double(tally.selected) / seconds))</td></tr>"
    }

    private var plots: [String] {
        var plots = [Plot(title: "Rate", unit: "records a second", points: series.rates).svg]
        let points = series.points
        for limit in Set(points.flatMap(\.lags.keys)).sorted(by: { $0.description < $1.description }) {
            let lag = points.compactMap { point in point.lags[limit].map { (point.seconds, Double($0)) } }
            plots.append(
                Plot(title: "Lag of \(limit.group)", unit: "records behind on \(limit.topic)", points: lag).svg)
        }
        return plots.compactMap { $0 }
    }

    private func there(_ tally: ListTally) -> String {
        func items(_ ranking: LabelRanking) -> [(text: String, count: Int64)] {
            ranking.entries.map { ($0.text, $0.count) }
        }
        let ages = zip(ListAge.buckets, tally.ages).map { (text: $0.name, count: $1) }
        return
            "<h2>What was there</h2><p class=\"dim\">Of \(HumanText.count(tally.left)) records that were looked into "
            + "before.</p>"
            + HTML.counts("By reason", items(tally.reasons.largest(15) { $0 }), of: tally.left, HumanText.count)
            + HTML.counts(
                "By merchant",
                items(tally.merchants.largest(15) { $0.map { PersonalData.masked($0.description) } ?? "(unknown)" }),
                of: tally.left, HumanText.count)
            + HTML.counts("By age", ages, of: tally.left, HumanText.count)
    }

    private func time(_ milliseconds: Int64) -> String { TimePoint(milliseconds: milliseconds).description }

    /// Text that may hold what users typed.
    private func clean(_ text: String) -> String { HTML.escaped(PersonalData.masked(text)) }
}
