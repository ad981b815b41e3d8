import CommandLine
import Lifecycle
import Pacing
import Redrive
import ToolKit

/// What a replay came to.
struct ReplayOutcome: Sendable {
    var run: String
    var clusterID = ""
    var sources: [String] = []
    var destination: String
    var tally = RunTally()
    /// Offsets of the range that are not done; nil as long as nobody has looked.
    var remaining: Int64?
    /// Offsets of the range.
    var total: Int64 = 0
    var seconds = 0.0
    var refusal: Refusal?
    /// Why the metrics file could not be written.
    var metricsFailure: String?
    var signal: StopSignal?
    /// Whether an operator ended it, by `replay stop`.
    var isEndedByControl = false
    var dryRun: DryRun?
    /// How long a dry run's events would take, seconds.
    var estimate: Double?
    /// What of an archive was not read.
    var damage: String?

    /// Takes over what a dry run has counted, and how long that would take.
    mutating func show(_ counts: DryRun, at pace: RateProfile) {
        dryRun = counts
        tally = counts.tally
        estimate = pace.seconds(for: Double(counts.tally.redriven))
    }

    /// Several may apply; the contract says which one counts.
    var exitCode: ExitCode {
        var codes: [ExitCode] = []
        if let signal { codes.append(ExitCode.signal(signal.rawValue) ?? .failed) }
        if let refusal { codes.append(refusal.code) }
        if metricsFailure != nil { codes.append(.failed) }
        if isEndedByControl { codes.append(.stoppedEarly) }
        if tally.rejected + tally.gone > 0 || damage != nil { codes.append(.partial) }
        return ExitCode.most(of: codes)
    }

    /// The stable document of `--output json`; `docs/json-output.md` describes it.
    var json: JSONValue {
        .object(
            [
                .init("command", .string(Replay.start.name)),
                .init("run", .string(run)),
                .init("cluster_id", .string(clusterID)),
                .init("sources", .array(sources.map { .string($0) })),
                .init("destination", .string(destination)),
                .init("dry_run", .bool(dryRun != nil)),
                .init("exit_code", .integer(Int64(exitCode.rawValue))),
                .init("exit_reason", .string(exitCode.reason)),
                .init("error", JSONValue(refusal?.description ?? metricsFailure ?? damage)),
                .init("selected", .integer(tally.selected)),
                .init("redriven", .integer(tally.redriven)),
                .init("parked", .integer(0)),
                .init("skipped", .integer(tally.skipped)),
                .init("rejected", .integer(tally.rejected)),
                .init(
                    "rejected_by_reason",
                    .object(tally.rejections.sorted { $0.key < $1.key }.map { .init($0.key, .integer($0.value)) })),
                .init("gone", .integer(tally.gone)),
                .init("remaining", JSONValue(remaining)),
                .init("offsets", .integer(total)),
                .init("bytes", .integer(tally.bytes)),
                .init("seconds", .number(seconds)),
            ] + (estimate.map { [.init("estimated_seconds", .number($0))] } ?? []) + (dryRun?.json ?? []))
    }

    /// For people: only what there is to say.
    var lines: [String] {
        var lines = [
            "run \(run)\(clusterID.isEmpty ? "" : " on cluster \(clusterID)"): \(sources.joined(separator: ", ")) to \(destination)"
        ]
        func add(_ label: String, _ count: Int64, _ note: String = "", always: Bool = false) {
            guard count > 0 || always else { return }
            let padded = label + String(repeating: " ", count: max(0, 11 - label.count))
            lines.append("  \(padded)\(HumanText.count(count))\(note)")
        }
        add(dryRun == nil ? "sent" : "to send", tally.redriven, always: true)
        for (reason, count) in tally.rejections.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            add("left out", count, "  \(reason)")
        }
        add("skipped", tally.skipped, "  not selected")
        add("gone", tally.gone, "  deleted by retention before they were read")
        add("remaining", remaining ?? 0, "  offsets not done")
        if let damage { lines.append("  \(damage)") }
        if let estimate { lines.append("  would take \(HumanText.duration(.seconds(estimate)))") }
        if dryRun == nil, seconds > 0 {
            lines.append(
                "  in \(HumanText.duration(.seconds(seconds))), \(HumanText.rate(Double(tally.redriven) / seconds))")
        }
        return lines
    }
}
