import CommandLine
import Kafka
import Redrive
import ToolKit

/// What a `progress` command found and did.
struct ProgressReport: Sendable {
    /// One partition.
    struct Partition: Sendable {
        let number: Int32
        let logStart: Int64
        /// The last stable offset.
        let end: Int64
        /// What the broker says that the group has committed.
        let committed: Int64?
        /// What is done; nil where that cannot be known.
        let start: PartitionStart?
        /// Why not.
        let trouble: String?

        var remaining: Int64? { start.map { $0.done.remaining(below: end) } }
        var ranges: [Range<Int64>] { start.map { $0.done.ranges(from: $0.done.committed) } ?? [] }
    }

    let options: ProgressOptions
    var clusterID: String?
    var state: String?
    var members: [GroupDescription.Member] = []
    var partitions: [Partition] = []
    var changes: [ProgressChange.Partition] = []
    /// Whether something was written to Kafka or to the file.
    var isDone = false
    var refusal: Refusal?
    /// Ranges of a partition that a document lists at most.
    static let listed = 1_000

    /// 6 where the progress cannot be followed.
    var exitCode: ExitCode {
        if let refusal { return refusal.code }
        return options.action == .show && partitions.contains { $0.trouble != nil } ? .refused : .done
    }

    // MARK: - For people

    /// Several lines, without a break at the end.
    func text(_ style: TextStyle) -> String {
        var parts = ["\(options.topic), group \(options.group) (\(state ?? "unknown"))\(memberText)"]
        switch options.action {
        case .show, .export: parts.append(table(style))
        case .reset, .import: parts.append(changeTable(style))
        }
        for partition in partitions {
            if let trouble = partition.trouble {
                parts.append("\(style.yellow("partition \(partition.number):")) \(trouble)")
            }
        }
        if case .export(let path) = options.action, isDone { parts.append("Written to \(path).") }
        return parts.joined(separator: "\n")
    }

    private var memberText: String {
        guard !members.isEmpty else { return "" }
        return ", members: " + members.prefix(5).map { "\($0.clientID) at \($0.host)" }.joined(separator: ", ")
            + (members.count > 5 ? " and \(members.count - 5) more" : "")
    }

    private func table(_ style: TextStyle) -> String {
        var table = TextTable([
            .number("PARTITION"), .number("BEGINS"), .number("COMMITTED"), .number("ENDS"), .number("LEFT"),
            .number("DONE ABOVE"), .text("RANGES DONE ABOVE"),
        ])
        for partition in partitions {
            let ranges = partition.ranges
            let above = ranges.reduce(0) { $0 + $1.upperBound - $1.lowerBound }
            table.add([
                "\(partition.number)", "\(partition.logStart)",
                partition.start.map { "\($0.done.committed)" } ?? partition.committed.map { "\($0)?" } ?? "none",
                "\(partition.end)", partition.remaining.map { HumanText.count($0) } ?? "?",
                partition.start == nil ? "?" : HumanText.count(above), Self.text(ranges),
            ])
        }
        return table.text(style)
    }

    private static func text(_ ranges: [Range<Int64>]) -> String {
        let shown = ranges.prefix(4).map { range in
            range.upperBound - range.lowerBound == 1
                ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound - 1)"
        }.joined(separator: " ")
        return ranges.count > 4 ? "\(shown) and \(HumanText.count(ranges.count - 4)) more" : shown
    }

    private func changeTable(_ style: TextStyle) -> String {
        var table = TextTable([.number("PARTITION"), .number("COMMITTED"), .number("NOW"), .number("MADE DONE")])
        for change in changes {
            table.add([
                "\(change.partition)", change.before.map { "\($0)" } ?? "none", "\(change.after)",
                HumanText.count(change.added),
            ])
        }
        return table.text(style)
    }

    // MARK: - For programs

    /// The stable document; `docs/json-output.md` describes it.
    var json: JSONValue {
        ResultDocument.make(
            command: options.name, clusterID: clusterID, code: exitCode, error: refusal?.description, facts)
    }

    private var facts: [JSONValue.Member] {
        [
            .init("topic", .string(options.topic)),
            .init("group", .string(options.group)),
            .init("dry_run", .bool(options.isDryRun)),
            .init("done", .bool(isDone)),
            .init("group_state", JSONValue(state)),
            .init(
                "members",
                .array(
                    members.map {
                        .object([.init("client_id", .string($0.clientID)), .init("host", .string($0.host))])
                    })),
            .init("partitions", .array(partitions.map(document))),
            .init("changes", .array(changes.map(document))),
        ]
    }

    private func document(_ partition: Partition) -> JSONValue {
        let ranges = partition.ranges
        return .object([
            .init("partition", .integer(Int64(partition.number))),
            .init("log_start", .integer(partition.logStart)),
            .init("end", .integer(partition.end)),
            .init("committed", number(partition.start?.done.committed ?? partition.committed)),
            .init("remaining", number(partition.remaining)),
            .init("done_above", .integer(ranges.reduce(0) { $0 + $1.upperBound - $1.lowerBound })),
            .init("range_count", .integer(Int64(ranges.count))),
            .init(
                "ranges",
                .array(
                    ranges.prefix(Self.listed).map { .array([.integer($0.lowerBound), .integer($0.upperBound)]) })),
            .init("gone", .integer(partition.start?.gone ?? 0)),
            .init("error", JSONValue(partition.trouble)),
        ])
    }

    private func document(_ change: ProgressChange.Partition) -> JSONValue {
        .object([
            .init("partition", .integer(Int64(change.partition))),
            .init("committed_before", number(change.before)),
            .init("committed", .integer(change.after)),
            .init("made_done", .integer(change.added)),
        ])
    }

    private func number(_ value: Int64?) -> JSONValue { value.map { .integer($0) } ?? .null }
}
