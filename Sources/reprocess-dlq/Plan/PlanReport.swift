import CommandLine
import ToolKit

/// What `plan` wrote.
struct PlanReport: Sendable {
    let path: String
    let topic: String
    var clusterID: String?
    var redrive: [String: Int64] = [:]
    var park: [String: Int64] = [:]
    var requeue: Int64 = 0
    var leave: Int64 = 0
    var skipped: Int64 = 0
    var isWritten = false
    var refusal: Refusal?

    var selected: Int64 { redrive.values.reduce(0, +) + park.values.reduce(0, +) + leave }
    var entries: Int64 { selected + requeue }
    var exitCode: ExitCode { refusal?.code ?? .done }

    mutating func count(_ entry: PlanEntry) {
        switch entry.decision {
        case .redrive: redrive[entry.destination ?? "", default: 0] += 1
        case .park: park[entry.reason ?? "", default: 0] += 1
        case .requeue: requeue += 1
        case .leave: leave += 1
        }
    }

    /// For people.
    var lines: [String] {
        var lines = ["plan for \(topic) on cluster \(clusterID ?? ""), \(HumanText.count(entries)) entries"]
        func add(_ label: String, _ count: Int64, _ note: String) {
            guard count > 0 else { return }
            let padded = label + String(repeating: " ", count: max(0, 11 - label.count))
            lines.append("  \(padded)\(HumanText.count(count))  \(note)")
        }
        for (topic, count) in redrive.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            add("to redrive", count, "to \(topic)")
        }
        for (reason, count) in park.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            add("to park", count, reason)
        }
        add("to requeue", requeue, "not selected, to be appended again")
        add("to leave", leave, "no topic takes them")
        add("skipped", skipped, "not selected; they stay")
        return lines + ["written to \(path); do it with: reprocess-dlq apply \(path)"]
    }

    var json: JSONValue {
        func counts(_ counts: [String: Int64]) -> JSONValue {
            .object(counts.sorted { $0.key < $1.key }.map { .init($0.key, .integer($0.value)) })
        }
        return ResultDocument.make(
            command: "plan", clusterID: clusterID, code: exitCode, error: refusal?.description,
            [
                .init("topic", .string(topic)), .init("file", .string(path)), .init("written", .bool(isWritten)),
                .init("entries", .integer(entries)), .init("selected", .integer(selected)),
                .init("redrive_to", counts(redrive)), .init("park", counts(park)),
                .init("requeue", .integer(requeue)), .init("leave", .integer(leave)),
                .init("skipped", .integer(skipped)),
            ])
    }
}
