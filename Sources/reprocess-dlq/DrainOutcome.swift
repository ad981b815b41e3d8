import CommandLine
import Lifecycle
import Redrive
import ToolKit

/// What a drain came to.
struct DrainOutcome: Sendable {
    let job: Job
    var run: String
    var clusterID: String
    var topic: String
    var destination: String
    var tally = RunTally()
    /// Offsets that are not done below the run's ends; nil as long as nobody has looked.
    var remaining: Int64?
    var seconds = 0.0
    var refusal: Refusal?
    /// Why the metrics file could not be written.
    var metricsFailure: String?
    var signal: StopSignal?
    var isDryRun = false
    /// What waited before, where a report is to tell.
    var before: ListTally?
    /// What became of the canary, where there was one.
    var canary: CanaryOutcome?
    /// What became of a plan's entries.
    var plan: PlanOutcome?
    /// Whether an operator ended it, by the run's control.
    var isEndedByControl = false

    /// Several may apply; the contract says which one counts.
    var exitCode: ExitCode {
        var codes: [ExitCode] = []
        if let signal { codes.append(ExitCode.signal(signal.rawValue) ?? .failed) }
        if let refusal { codes.append(refusal.code) }
        if metricsFailure != nil { codes.append(.failed) }
        if isEndedByControl { codes.append(.stoppedEarly) }
        let parked = job.parksOnPurpose ? 0 : tally.parkedTotal
        if parked + tally.rejected + tally.gone + (plan?.notSent ?? 0) > 0 { codes.append(.partial) }
        return ExitCode.most(of: codes)
    }

    /// Whether all that was selected has been dealt with.
    var isSuccess: Bool { exitCode == .done || exitCode == .partial }

    /// The stable document of `--output json`; `docs/json-output.md` describes it.
    var json: JSONValue {
        ResultDocument.make(
            command: job.name, clusterID: clusterID.isEmpty ? nil : clusterID, code: exitCode,
            error: refusal?.description ?? metricsFailure,
            [
                .init("run", .string(run)),
                .init("topic", .string(topic)),
                .init("destination", .string(destination)),
                .init("dry_run", .bool(isDryRun)),
                .init("selected", .integer(tally.selected)),
                .init("redriven", .integer(tally.redriven)),
                .init("parked", .integer(isDiscard ? 0 : tally.parkedTotal)),
                .init(
                    "parked_by_reason",
                    .object(tally.parked.sorted { $0.key < $1.key }.map { .init($0.key, .integer($0.value)) })),
                .init("skipped", .integer(tally.skipped)),
                .init("requeued", .integer(tally.requeued)),
                .init("rejected", .integer(tally.rejected)),
                .init("gone", .integer(tally.gone)),
                .init("remaining", JSONValue(remaining)),
                .init("bytes", .integer(tally.bytes)),
                .init("seconds", .number(seconds)),
            ] + (plan.map { [.init("plan", $0.json)] } ?? [])
                + (isDiscard ? [.init("discarded", .integer(tally.parkedTotal))] : [])
                + (canary.map { [.init("canary", $0.json)] } ?? []))
    }

    private var isDiscard: Bool { job.archive != nil }

    /// For people: only what there is to say.
    var lines: [String] {
        var lines = ["run \(run) on cluster \(clusterID): \(topic) to \(destination)"]
        func add(_ label: String, _ count: Int64, _ note: String = "") {
            guard count > 0 else { return }
            let padded = label + String(repeating: " ", count: max(0, 11 - label.count))
            lines.append("  \(padded)\(HumanText.count(count))\(note)")
        }
        let verb = isDryRun ? "to \(job.verb)" : job == .unpark ? "unparked" : "redriven"
        let padded = verb + String(repeating: " ", count: max(0, 11 - verb.count))
        if job.redrives { lines.append("  \(padded)\(HumanText.count(tally.redriven))") }
        for (reason, count) in tally.parked.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            add(
                isDiscard ? isDryRun ? "to discard" : "discarded" : isDryRun ? "to park" : "parked", count,
                "  \(reason)")
        }
        add("rejected", tally.rejected, "  no topic takes them; they stay")
        add("requeued", tally.requeued)
        add("skipped", tally.skipped, "  not selected; they stay")
        add("gone", tally.gone, "  deleted by retention before they were done")
        lines += plan?.lines ?? []
        if let canary { lines.append("  canary     \(canary.sentence)") }
        add("remaining", remaining ?? 0, "  offsets not done")
        if !isDryRun, seconds > 0 {
            lines.append(
                "  in \(HumanText.duration(.seconds(seconds))), "
                    + "\(HumanText.rate(Double(tally.selected) / seconds))")
        }
        return lines
    }
}
