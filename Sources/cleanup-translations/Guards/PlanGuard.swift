import CommandLine
import Postgres
import ToolKit
import Translations

/// Looks at how the server would carry out the statements of a run, and refuses what would read a large table whole for
/// every batch.
enum PlanGuard {
    /// Pages of a table below which reading all of it does no harm.
    static let smallTable: Int64 = 10_000

    /// The index that a plan uses on `translations`, and whether it reads the table whole.
    struct Verdict: Equatable {
        var index: String?
        var scansTable = false
        /// Whether rows are sorted: then all of them are read before the first.
        var sorts = false
    }

    /// Refuses a run whose statements would scan the table; returns the index that pages are read by.
    static func check(_ database: PruneDatabase, page: PostgresParameters) throws -> String? {
        let size = try database.reader.query(
            "SELECT pg_relation_size('translations') / current_setting('block_size')::bigint")
        let isLarge = (size.integer(0, 0) ?? 0) > smallTable
        let row = RowReference(place: PostgresRowPlace(block: 0, index: 1), writer: 3)
        // As many as a batch has, since the plan depends on it.
        let work = GroupWork(
            group: TranslationGroup(key: "", locale: ""), survivor: row, victims: Array(repeating: row, count: 1_000))
        let deletion = PruneDatabase.parameters(PruneBatch(groups: [work]))
        let reading = try verdict(database.reader, Statements.page, page)
        let deleting = try verdict(database.writer, Statements.delete, deletion)
        let all = GroupWork(group: work.group, survivor: nil, victims: work.victims)
        let deletingAll = try verdict(
            database.writer, Statements.deleteAll, PruneDatabase.parameters(PruneBatch(groups: [all])))
        if isLarge, reading.scansTable || reading.sorts {
            throw Refusal(
                .refused,
                "reading translations would scan the whole table for every page: is the index idx_translations_rank "
                    + "there and valid? See gamification-server migrate --status, and ANALYZE translations")
        }
        if isLarge, deleting.scansTable || deletingAll.scansTable {
            throw Refusal(.refused, "deleting from translations would scan the whole table for every batch; ANALYZE it")
        }
        return reading.index
    }

    private static func verdict(
        _ session: PostgresSession, _ statement: PostgresStatement, _ parameters: PostgresParameters
    ) throws -> Verdict {
        let plan = try session.query(statement.explained, parameters)
        return verdict(plan.text(0, 0) ?? "")
    }

    /// Reads a plan of EXPLAIN (FORMAT JSON), line by line as the server indents it: the nodes that concern the table.
    static func verdict(_ plan: String) -> Verdict {
        var verdict = Verdict()
        var node = ""
        var index: String?
        func value(_ line: Substring) -> String? {
            let parts = line.split(separator: "\"", omittingEmptySubsequences: false)
            return parts.count >= 4 ? String(parts[3]) : nil
        }
        for line in plan.split(separator: "\n") {
            if line.contains("\"Node Type\":") { (node, index) = (value(line) ?? "", nil) }
            if node.hasSuffix("Sort") { verdict.sorts = true }
            if line.contains("\"Index Name\":") { index = value(line) }
            guard line.contains("\"Relation Name\":"), value(line) == "translations" else { continue }
            if node == "Seq Scan" { verdict.scansTable = true }
            verdict.index = verdict.index ?? index
        }
        return verdict
    }
}
