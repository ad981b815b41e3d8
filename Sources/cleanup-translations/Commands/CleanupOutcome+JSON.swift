import CommandLine
import Postgres
import ToolKit

extension CleanupOutcome {
    /// The stable document of `--output json`; `docs/json-output.md` describes it.
    var json: JSONValue {
        var members: [JSONValue.Member] = [.init("database", .string(target)), .init("dry_run", .bool(isDryRun))]
        members += restore == nil ? (isDryRun ? dryRunMembers : pruneMembers) : restoreMembers
        members.append(.init("seconds", .number(seconds)))
        return ResultDocument.make(
            command: restore == nil ? "prune" : "restore", clusterID: nil, code: exitCode,
            error: refusal?.description ?? metricsFailure, members)
    }

    private func number(_ value: Int?) -> JSONValue { value.map { JSONValue($0) } ?? .null }

    private var pruneMembers: [JSONValue.Member] {
        func count(_ name: String, _ value: Int) -> JSONValue.Member { .init(name, JSONValue(value)) }
        return [
            count("read", tally.read), count("deleted", tally.deleted), count("archived", tally.archived),
            count("skipped", tally.skipped), count("not_semantic", tally.unsemantic),
            count("invalidated", tally.invalidated), count("not_invalidated", tally.uninvalidated),
            count("groups_left", tally.left), .init("selected", number(remaining.map { $0 + tally.deleted })),
            .init("remaining", number(remaining)), .init("work_left", .bool(hasWorkLeft)),
            .init("limit_reached", .bool(isAtLimit)), .init("out_of_time", .bool(ranOutOfTime)),
            count("batches", tally.batches), count("timeouts", tally.timeouts), count("waits", tally.waits),
            count("reconnects", tally.reconnects), .init("index", JSONValue(index)),
            .init("stale_names", .array(staleNames.map { .string($0) })),
        ]
    }

    private var dryRunMembers: [JSONValue.Member] {
        let lines = (survey?.lines ?? []).map { line in
            JSONValue.object([
                .init("locale", .string(line.locale)), .init("age", .string(Survey.ages[line.age])),
                .init("rows", JSONValue(line.count)),
            ])
        }
        return [
            .init("selected", JSONValue(victims)), .init("remaining", JSONValue(victims)),
            .init("read", JSONValue(tally.read)),
            .init("not_semantic", JSONValue(tally.unsemantic)), .init("by_locale_and_age", .array(lines)),
            .init("index", JSONValue(index)), .init("keys", JSONValue(groups)),
            .init("names", .array(names.map { .string($0) })),
            .init("statements", .array([.string(Statements.page.text), .string(Statements.delete.text)])),
        ]
    }

    private var restoreMembers: [JSONValue.Member] {
        let refusals = restored.refusals.map { refused in
            JSONValue.object([.init("id", .string(refused.id)), .init("rule", .string(refused.rule))])
        }
        return [
            .init("archive", JSONValue(restore)), .init("records", JSONValue(restored.records)),
            .init("restored", JSONValue(restored.restored)), .init("present", JSONValue(restored.present)),
            .init("refused", JSONValue(restored.refused)), .init("refusals", .array(refusals)),
            .init("damaged_records", JSONValue(restored.damagedRecords)),
            .init("damaged_blocks", JSONValue(restored.damagedBlocks)), .init("remaining", JSONValue(restored.left)),
            .init("invalidated", JSONValue(tally.invalidated)),
        ]
    }
}
