import CommandLine
import ToolKit

/// What `restore` found and did.
struct RestoreReport: Sendable {
    let path: String
    let isDryRun: Bool
    var clusterID: String?
    var topic: String?
    var reason: String?
    var by: String?
    /// Records in the archive that count.
    var records: Int64 = 0
    /// Put back by earlier calls.
    var before: Int64 = 0
    /// By this one.
    var restored: Int64 = 0
    var refusal: Refusal?

    var exitCode: ExitCode { refusal?.code ?? .done }

    /// For people.
    var lines: [String] {
        [
            "\(path): \(HumanText.count(records)) records of \(topic ?? ""), discarded by \(by ?? "") (\(reason ?? ""))",
            "  restored   \(HumanText.count(restored))",
        ] + (before > 0 ? ["  before     \(HumanText.count(before))  restored by an earlier call, not again"] : [])
    }

    var json: JSONValue {
        ResultDocument.make(
            command: "restore", clusterID: clusterID, code: exitCode, error: refusal?.description,
            [
                .init("topic", JSONValue(topic)), .init("dry_run", .bool(isDryRun)), .init("file", .string(path)),
                .init("reason", JSONValue(reason)), .init("by", JSONValue(by)), .init("records", .integer(records)),
                .init("restored_before", .integer(before)), .init("restored", .integer(restored)),
                .init("remaining", .integer(max(0, records - before - restored))),
            ])
    }
}
