import CommandLine
import Kafka
import Lifecycle
import Runs
import ToolKit

/// What `history` was told, checked.
struct HistoryOptions: Sendable {
    let connection: ConnectionOptions
    let runsTopic: String
    /// Only runs of this group, or of this name.
    let group: String?
    let run: String?
    /// Only runs that began at or after this time, milliseconds since 1970.
    let since: Int64?
    let limit: Int
    let isJSON: Bool

    /// Reads everything, noting every mistake in `reader`.
    init(_ reader: inout OptionReader, now: TimePoint) {
        connection = ConnectionOptions(&reader, program: "reprocess-dlq")
        runsTopic = reader.topic(RedriveFlags.runsTopic)
        group = reader.optionalName(Self.group)
        run = reader.optionalName(Self.run)
        since = reader.time(Self.since, relativeTo: now)?.milliseconds
        limit = reader.integer(Self.newest, in: 1...10_000)
        isJSON = reader.choice(.output, as: OutputForm.self, placeholder: OutputForm.table) == .json
    }

    private static let group = Flags.group.with(help: "Only runs of this consumer group")
    private static let run = Flag(
        "run", placeholder: "NAME", inFile: false, completion: .dynamic("runs"), section: "Selection",
        help: "Only the run of this name")
    private static let since = Flag(
        "since", placeholder: "TIME", inFile: false, section: "Selection",
        help: "Only runs that began at this time or later: RFC 3339 with zone, or -2d")
    private static let newest = Flag(
        "limit", placeholder: "N", inFile: false, default: "50", section: "Selection",
        help: "The newest N runs that are selected")

    static let command = Subcommand(
        "history", summary: "Show who ran what, when, and what it came to",
        description: [
            """
            Runs of reprocess-dlq and replay stand in a compacted topic, the newest first here. A run that says that it \
            is under way and has been silent for 30 s is shown as lost: it was killed, or reaches no broker.
            """
        ],
        flags: [run, group, since, newest, RedriveFlags.runsTopic])
}

/// `reprocess-dlq history`. Joins no group and writes nothing.
struct HistoryCommand: Sendable {
    let console: Console
    let options: HistoryOptions
    let stop: StopFlag
    private let patience = Duration.seconds(60)

    /// Runs on a blocking executor of its own.
    func run() async -> ExitCode {
        let executor = BlockingExecutor(name: "history")
        return await Task(executorPreference: executor) { history() }.value
    }

    private func history() -> ExitCode {
        var report = HistoryReport(now: TimeSource.milliseconds())
        do {
            try look(&report)
        } catch {
            report.refusal = Refusal(error, stop: stop)
        }
        console.conclude(
            error: report.refusal?.description, isJSON: options.isJSON, document: report.json,
            text: report.refusal == nil ? report.text(console.outputStyle) : nil)
        return report.exitCode
    }

    private func look(_ report: inout HistoryReport) throws {
        let admin = try KafkaAdmin(options.connection.kafka)
        defer { admin.close(timeout: .seconds(5)) }
        report.clusterID = try BrokerWait(
            servers: options.connection.kafka.bootstrapServers, patience: patience, stop: stop,
            say: { [console] in console.note($0) }
        ).clusterID(admin)
        let store = try RunStore(options.connection.kafka, topic: options.runsTopic, patience: patience)
        defer { _ = store.close(timeout: .seconds(5)) }
        guard try store.exists() else {
            throw Refusal(
                .refused,
                "the topic \(options.runsTopic) does not exist, so no run left a history; make it with: reprocess-dlq "
                    + "topics --create")
        }
        let entries = try store.all()
        for (name, entry) in entries {
            if let damage = entry.damage { console.warning("the record of run \(name) cannot be read: \(damage)") }
        }
        let selected = entries.values.compactMap(\.record).filter { record in
            (options.run ?? record.name) == record.name && (options.group ?? record.group) == record.group
                && record.startedAt >= options.since ?? 0
        }.sorted { ($0.startedAt, $0.name) > ($1.startedAt, $1.name) }
        report.runs = Array(selected.prefix(options.limit))
        report.more = selected.count - report.runs.count
    }
}
