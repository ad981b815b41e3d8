import CommandLine
import Redrive
import ToolKit

/// What `list` shows to people.
extension ListOutcome {
    /// Several lines, without a break at the end.
    func text(_ style: TextStyle) -> String {
        guard let survey else { return "" }
        var parts = [([heading(survey, style)] + facts(survey)).joined(separator: "\n")]
        if survey.present > 0 { parts.append(partitions(survey, style)) }
        if tally.records > 0 {
            parts.append(chart("By reason", reasons(Self.shown).shortened, style))
            parts.append(chart("By origin topic", origins(Self.shown), style))
            parts.append(chart("By event type", eventTypes(Self.shown), style))
            parts.append(chart("By merchant", merchants(Self.shown), style))
            parts.append(ageChart(style))
        }
        if tally.left > 0 { parts.append(plan(style)) }
        return parts.joined(separator: "\n\n")
    }

    private func heading(_ survey: QueueSurvey, _ style: TextStyle) -> String {
        "\(style.bold(survey.topic)) on cluster \(survey.clusterID)"
    }

    private func facts(_ survey: QueueSurvey) -> [String] {
        var lines: [String] = []
        func add(_ label: String, _ text: String) {
            lines.append("  \(DisplayWidth.padded(label, to: 13))\(text)")
        }
        if let sentence = emptiness(survey) {
            lines.append("  \(sentence)")
        } else {
            let size = "\(HumanText.count(survey.remaining)) offsets, \(HumanText.bytes(Int(clamping: tally.bytes)))"
            add("not done", "\(HumanText.count(tally.left)) records (\(size))")
        }
        if options.includesDone {
            add("done", survey.knowsProgress ? "\(HumanText.count(tally.done)) records still there" : "not known")
        }
        if !options.filter.text.isEmpty { add("selected by", options.filter.text.joined(separator: " ")) }
        if tally.notSelected > 0 { add("not selected", "\(HumanText.count(tally.notSelected)) records") }
        if survey.gone > 0 {
            add("gone", "\(HumanText.count(survey.gone)) offsets, deleted by retention before they were done")
        }
        if survey.unstable > 0 {
            add("held back", "\(HumanText.count(survey.unstable)) offsets at the end, by an open transaction")
        }
        if let oldest = tally.oldest, let newest = tally.newest {
            add("first failed", "\(TimePoint(milliseconds: oldest)) the oldest, \(age(oldest))")
            add("", "\(TimePoint(milliseconds: newest)) the newest, \(age(newest))")
        }
        if !isComplete { lines.append("  stopped before the end: the figures are incomplete") }
        return lines
    }

    /// Why there is nothing to show.
    private func emptiness(_ survey: QueueSurvey) -> String? {
        if tally.records > 0 || !isComplete { return nil }
        if survey.present == 0 { return "The topic has no records." }
        if survey.remaining == 0 { return "Nothing is left to do: every offset is done." }
        if tally.notSelected > 0 { return "Nothing is selected." }
        return "No records are left: the \(HumanText.count(survey.remaining)) offsets that are not done hold none."
    }

    private func age(_ milliseconds: Int64) -> String {
        HumanText.age(TimePoint(milliseconds: milliseconds), now: now)
    }

    private func partitions(_ survey: QueueSurvey, _ style: TextStyle) -> String {
        let limit = 24
        var table = TextTable([
            .number("PARTITION"), .number("LOG START"), .number("COMMITTED"), .number("END"), .number("NOT DONE"),
            .number("RECORDS"),
        ])
        for partition in survey.partitions.prefix(limit) {
            let start = partition.start
            table.add([
                "\(start.partition)", HumanText.count(start.logStart), HumanText.count(start.done.committed),
                HumanText.count(partition.end), HumanText.count(partition.remaining),
                HumanText.count(tally.byPartition[start.partition] ?? 0),
            ])
        }
        let rest = survey.partitions.dropFirst(limit)
        if rest.isEmpty { return table.text(style) }
        return table.text(style) + "\nand \(rest.count) partitions more"
    }

    // MARK: - Bars

    private func chart(_ title: String, _ ranking: LabelRanking, _ style: TextStyle) -> String {
        var items = ranking.entries.map { BarChart.Item($0.text, Int(clamping: $0.count)) }
        if ranking.otherCount > 0 {
            items.append(.init("other (\(ranking.otherKinds) kinds)", Int(clamping: ranking.otherCount)))
        }
        let title = ranking.isExact ? title : "\(title) (too many kinds to count exactly)"
        return BarChart(title, items, total: Int(clamping: tally.records)).text(style)
    }

    private func ageChart(_ style: TextStyle) -> String {
        let items = zip(ListAge.buckets, tally.ages).filter { $1 > 0 }.map { bucket, count in
            BarChart.Item(bucket.name, Int(clamping: count))
        }
        return BarChart("By age (since the first failure)", items).text(style)
    }

    private func plan(_ style: TextStyle) -> String {
        var items = tally.redrive.sorted { $0.key < $1.key }.map {
            BarChart.Item("redrive to \($0.key)", Int(clamping: $0.value))
        }
        items += tally.park.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
            BarChart.Item("park: \($0.key)", Int(clamping: $0.value))
        }
        if tally.fetched > 0 { items.append(.init("fetch the body from the origin", Int(clamping: tally.fetched))) }
        if tally.rejected > 0 { items.append(.init("leave: headers unreadable", Int(clamping: tally.rejected))) }
        var lines = [BarChart("What a drain would do with them", items, total: Int(clamping: tally.left)).text(style)]
        for (objection, count) in tally.objections.sorted(by: { $0.key < $1.key }) {
            lines.append("  \(style.yellow("refused:")) for \(HumanText.count(count)) records: \(objection)")
        }
        return lines.joined(separator: "\n")
    }
}

extension LabelRanking {
    /// With classes' names in place of their full names.
    var shortened: LabelRanking {
        LabelRanking(
            entries: entries.map { Entry(text: Self.shortened($0.text), count: $0.count) }, otherCount: otherCount,
            otherKinds: otherKinds, isExact: isExact)
    }

    /// A class's name in place of its full name.
    static func shortened(_ text: String) -> String {
        // Our codes have a dot too, and no capital letter behind it.
        guard let name = text.split(separator: ".").last, name.first?.isUppercase == true else { return text }
        return String(name)
    }
}
