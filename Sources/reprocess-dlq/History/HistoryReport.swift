import CommandLine
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

    /// Several lines, without a break at the end.
    func text(_ style: TextStyle) -> String {
        guard !runs.isEmpty else { return "no runs" }
        var table = TextTable([
            .text("BEGAN"), .text("RUN"), .text("COMMAND"), .text("BY"), .text("STATE"), .number("REDRIVEN"),
            .number("PARKED"), .number("SKIPPED"), .text("SELECTION"),
        ])
        for run in runs {
            let tally = run.tally
            table.add([
                String(TimePoint(milliseconds: run.startedAt).description.prefix(19)) + "Z", run.name, run.command,
                run.people.joined(separator: ", "), run.state(at: now).rawValue,
                HumanText.count(tally.redriven), HumanText.count(tally.parkedTotal), HumanText.count(tally.skipped),
                run.selection.isEmpty ? "everything" : run.selection.joined(separator: " "),
            ])
        }
        let reasons = runs.compactMap { run in
            run.copies.last { $0.reason != nil }.map { "\(run.name): \($0.reason ?? "")" }
        }
        return ([table.text(style)] + reasons + (more > 0 ? ["and \(HumanText.count(more)) older runs"] : []))
            .joined(separator: "\n")
    }

    // MARK: - For programs

    /// The stable document; `docs/json-output.md` describes it.
    var json: JSONValue {
        .object([
            .init("command", "history"), .init("cluster_id", JSONValue(clusterID)),
            .init("exit_code", .integer(Int64(exitCode.rawValue))), .init("exit_reason", .string(exitCode.reason)),
            .init("error", JSONValue(refusal?.description)), .init("runs", .array(runs.map(document))),
            .init("more", .integer(Int64(more))),
        ])
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

    /// The filters as they were given.
    var selection: [String] { definition.first { $0.name == "selection" }?.values ?? [] }
}
