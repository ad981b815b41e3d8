import CommandLine
import Lifecycle
import Postgres
import ToolKit

/// What `migrate` came to.
struct MigrateOutcome: Sendable {
    let isDryRun: Bool
    let showsStatus: Bool
    var target = ""
    var status: MigrationStatus?
    var applied: [Int] = []
    var refusal: Refusal?
    var signal: StopSignal?

    var exitCode: ExitCode {
        var codes: [ExitCode] = []
        if let signal { codes.append(ExitCode.signal(signal.rawValue) ?? .failed) }
        if let refusal { codes.append(refusal.code) }
        return ExitCode.most(of: codes)
    }

    /// The stable document of `--output json`.
    var json: JSONValue {
        let entries = (status?.entries ?? []).map { entry in
            JSONValue.object([
                .init("number", JSONValue(entry.number)),
                .init("name", .string(entry.name)),
                .init("state", .string(entry.state.rawValue)),
                .init("applied_at", JSONValue(entry.appliedAt)),
            ])
        }
        let members: [JSONValue.Member] = [
            .init("database", .string(target)),
            .init("dry_run", .bool(isDryRun)),
            .init("applied", .array(applied.map { JSONValue($0) })),
            .init("pending", .array((status?.pending ?? []).map { JSONValue($0) })),
            .init("migrations", .array(entries)),
        ]
        return ResultDocument.make(
            command: "migrate", clusterID: nil, code: exitCode, error: refusal?.description, members)
    }

    /// For people.
    func lines(_ style: TextStyle) -> [String] {
        guard let status else { return [] }
        if showsStatus {
            var table = TextTable([.number("number"), .text("name"), .text("state"), .text("applied at")])
            for entry in status.entries {
                table.add(["\(entry.number)", entry.name, entry.state.rawValue, entry.appliedAt ?? ""])
            }
            return [table.text(style)]
        }
        if isDryRun {
            let pending = status.entries.filter { $0.state == .pending }
            return pending.isEmpty
                ? ["\(target): nothing to apply"] : pending.map { "to apply: \($0.number) \($0.name)" }
        }
        guard refusal == nil else { return [] }
        return [applied.isEmpty ? "\(target): up to date" : "\(target): \(applied.count) applied, up to date"]
    }
}
