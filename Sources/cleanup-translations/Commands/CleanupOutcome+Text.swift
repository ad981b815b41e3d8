import CommandLine
import Postgres

extension CleanupOutcome {
    /// For people: only what there is to say.
    func lines(_ style: TextStyle, showsStatistics: Bool) -> [String] {
        if restore != nil { return restoreLines }
        if isDryRun { return refusal == nil ? dryRunLines(style) : [] }
        guard refusal == nil || tally.deleted > 0 else { return [] }
        return pruneLines + (showsStatistics ? statistics : [])
    }

    private func line(_ label: String, _ count: Int, _ note: String = "") -> String {
        "  \(label)\(String(repeating: " ", count: max(1, 12 - label.count)))\(HumanText.count(count))"
            + (note.isEmpty ? "" : "  \(note)")
    }

    private func rows(_ count: Int) -> String { HumanText.count(count) + (count == 1 ? " row" : " rows") }

    private var pruneLines: [String] {
        var lines = ["translations of \(target)", line("deleted", tally.deleted)]
        if tally.archived > 0 { lines.append(line("archived", tally.archived)) }
        if tally.invalidated > 0 { lines.append(line("invalidated", tally.invalidated, "keys, in every cache")) }
        if tally.unsemantic > 0 {
            lines.append(line("kept", tally.unsemantic, "rows whose version is not semantic"))
        }
        if tally.left > 0, !isAtLimit {
            lines.append(line("left", tally.left, "keys known to have rows that should go"))
        }
        if tally.uninvalidated > 0 {
            lines.append(
                line(
                    "stale", tally.uninvalidated,
                    "keys may be cached until the server, or the next run, tells the caches"))
            lines += staleNames.prefix(20).map { "    \($0)" }
            if tally.uninvalidated > 20 {
                lines.append(
                    "    and \(HumanText.count(tally.uninvalidated - 20)) more (--output json lists a thousand)")
            }
        }
        if isAtLimit, remaining != 0 {
            lines.append(
                "  --limit is reached; " + (remaining.map { rows($0) + " more would go" } ?? "there may be more"))
        } else if hasWorkLeft, !isAtLimit {
            lines.append("  stopped with " + (remaining.map { rows($0) + " left" } ?? "work left") + "; run again")
        }
        if seconds > 0, tally.deleted > 0 {
            lines.append(
                "  in \(HumanText.duration(.seconds(seconds))), \(HumanText.rate(Double(tally.deleted) / seconds))")
        }
        return lines
    }

    private var statistics: [String] {
        [
            line("read", tally.read),
            line("batches", tally.batches, "the longest \(HumanText.duration(tally.longestBatch))"),
            line("skipped", tally.skipped, "times a row was held or had changed"),
            line("timeouts", tally.timeouts), line("waits", tally.waits, HumanText.duration(tally.waited)),
            line("reconnects", tally.reconnects),
            "  index       \(index ?? "none")",
        ]
    }

    private func dryRunLines(_ style: TextStyle) -> [String] {
        var table = TextTable([.text("locale"), .text("age"), .number("rows")])
        for entry in survey?.lines ?? [] {
            table.add([entry.locale, Survey.ages[entry.age], HumanText.count(entry.count)])
        }
        var lines = [
            "translations of \(target): \(HumanText.count(victims)) of \(HumanText.count(tally.read)) rows would go, of "
                + "\(HumanText.count(groups)) keys and locales"
        ]
        if !table.isEmpty { lines.append(table.text(style)) }
        if tally.unsemantic > 0 {
            lines.append(line("kept", tally.unsemantic, "rows whose version is not semantic"))
        }
        lines.append("read by index \(index ?? "none")")
        lines.append("cached names that would be looked at:")
        lines += names.prefix(20).map { "  \($0)" }
        if groups > 20 { lines.append("  and \(HumanText.count(groups - 20)) more (--output json lists a thousand)") }
        lines.append("to read:\n\(Statements.page.text)")
        lines.append("to delete:\n\(Statements.delete.text)")
        return lines
    }

    private var restoreLines: [String] {
        guard refusal == nil || restored.restored > 0 else { return [] }
        var lines = [
            "archive \(restore ?? ""), \(HumanText.count(restored.records)) records, into \(target)",
            line("restored", restored.restored), line("present", restored.present, "there already"),
        ]
        if restored.refused > 0 {
            lines.append(line("refused", restored.refused))
            lines += restored.refusals.prefix(20).map { "    \($0.id)  \($0.rule)" }
        }
        if restored.damagedRecords + restored.damagedBlocks > 0 {
            lines.append(
                line("damaged", restored.damagedRecords, "records, and what \(restored.damagedBlocks) blocks held"))
        }
        if restored.left > 0 { lines.append(line("left", restored.left, "rows; run again")) }
        return lines
    }
}
