import CommandLine
import Configuration
import Redrive
import Runs
import ToolKit

/// What `history` found.
struct HistoryReport: Sendable {
    /// Milliseconds since 1970.
    let now: Int64
    var clusterID: String?
    /// The newest first.
    var runs: [RunRecord] = []
    /// How many older ones were left out.
    var more = 0
    var refusal: Refusal?

    init(now: Int64) { self.now = now }

    var exitCode: ExitCode { refusal?.code ?? .done }

    // MARK: - For people

    /// Several lines, without a break at the end: a line of the table for each run, and what it was told below it.
    func text(_ style: TextStyle) -> String {
        guard !runs.isEmpty else { return "no runs" }
        // Times are no numbers, but must not be cut either.
        var table = TextTable([.number("BEGAN"), .number("TOOK"), .text("COMMAND"), .text("STATE"), .text("BY")])
        for run in runs {
            table.add([
                String(TimePoint(milliseconds: run.startedAt).description.prefix(19)) + "Z", run.took, run.command,
                run.state(at: now).rawValue, run.people.joined(separator: ", "),
            ])
        }
        var lines = table.text(style).split(separator: "\n").map(String.init)[...]
        var text = [lines.removeFirst()]
        for (line, run) in zip(lines, runs) {
            text += [line] + run.particulars.map { "  " + style.dim(PrintableText.escaped($0, limit: 1_000)) }
        }
        return (text + (more > 0 ? ["and \(HumanText.count(more)) older runs"] : [])).joined(separator: "\n")
    }

    // MARK: - For programs

    /// The stable document; `docs/json-output.md` describes it.
    var json: JSONValue {
        ResultDocument.make(
            command: "history", clusterID: clusterID, code: exitCode, error: refusal?.description,
            [.init("runs", .array(runs.map(document))), .init("more", .integer(Int64(more)))])
    }

    private func document(_ run: RunRecord) -> JSONValue {
        .object([
            .init("run", .string(run.name)), .init("program", .string(run.program)),
            .init("command", .string(run.command)), .init("group", .string(run.group)),
            .init("began_at", time(run.startedAt)), .init("state", .string(run.state(at: now).rawValue)),
            .init("by", .array(run.people.map { .string($0) })), .init("rate", .string(run.rate)),
            .init(
                "definition",
                .object(run.definition.map { .init($0.name, .array($0.values.map { .string($0) })) })),
            .init("tally", RunCodec.json(run.tally)),
            .init(
                "copies",
                .array(
                    run.copies.map { copy in
                        .object([
                            .init("by", .string(copy.by)), .init("began_at", time(copy.startedAt)),
                            .init("updated_at", time(copy.updatedAt)),
                            .init("state", .string(copy.state(at: now).rawValue)),
                            .init("tally", RunCodec.json(copy.tally)), .init("reason", JSONValue(copy.reason)),
                        ])
                    })),
        ])
    }

    private func time(_ milliseconds: Int64) -> JSONValue {
        .string(TimePoint(milliseconds: milliseconds).description)
    }
}

extension RunRecord {
    /// Who started its copies, each once, the first one first.
    var people: [String] {
        var seen: Set<String> = []
        return copies.sorted { $0.startedAt < $1.startedAt }.map(\.by).filter { seen.insert($0).inserted }
    }

    /// How long, from its first start to what was last heard of it.
    fileprivate var took: String {
        HumanText.duration(.milliseconds(max(0, (copies.map(\.updatedAt).max() ?? startedAt) - startedAt)))
    }

    /// What it was told, in a few lines: its name, from where to where, which records, why; and why it ended early.
    fileprivate var particulars: [String] {
        func values(_ name: String) -> [String] { definition.first { $0.name == name }?.values ?? [] }
        let places = [values("source"), values("destination")].map { $0.joined(separator: ", ") }
        let lines: [String] = [
            "\(name): \(places.filter { !$0.isEmpty }.joined(separator: " to "))",
            command.hasPrefix("progress") ? "group \(group)" : "", values("selection").joined(separator: " "),
            values("plan").first.map { "as planned in \($0)" } ?? "", counts,
            values("reason").first.map { "because: \($0)" } ?? "", copies.last { $0.reason != nil }?.reason ?? "",
        ]
        return lines.filter { !$0.isEmpty }
    }

    /// What it came to.
    private var counts: String {
        let tally = tally
        let parts: [(String, Int64)] = [
            (command == RestoreOptions.command.name ? "restored" : "redriven", tally.redriven),
            (command == JobCommands.discard.name ? "discarded" : "parked", tally.parkedTotal),
            ("requeued", tally.requeued), ("not selected", tally.skipped), ("taken by no topic", tally.rejected),
            ("gone", tally.gone),
        ]
        return parts.filter { $0.1 > 0 }.map { "\($0.0) \(HumanText.count($0.1))" }.joined(separator: ", ")
    }
}
