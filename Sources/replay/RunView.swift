import CommandLine
import Events
import Kafka
import Redrive
import Runs

/// One run, with what its group says is done.
struct RunView: Sendable {
    let record: RunRecord
    let control: RunControl?
    /// Offsets of the range that are done, by the group's committed offsets; nil where it has none.
    private let committed: Int64?
    let now: Int64

    /// - Parameter admin: asked for the group's offsets.
    init(_ record: RunRecord, control: RunControl?, admin: KafkaAdmin, now: Int64) throws(KafkaError) {
        self.record = record
        self.control = control
        self.now = now
        guard !record.group.isEmpty, record.program == Replay.table.program else {
            committed = nil
            return
        }
        var offsets: [TopicPartition: Int64] = [:]
        for entry in try admin.groupOffsets(record.group, timeout: RunAccess.patience) {
            offsets[entry.partition] = entry.offset
        }
        committed =
            offsets.isEmpty
            ? nil
            : record.range.reduce(0) { total, topic in
                topic.bounds.enumerated().reduce(total) { total, entry in
                    let (partition, bounds) = entry
                    let place = TopicPartition(topic: topic.topic, partition: Int32(partition))
                    let reached = offsets[place] ?? bounds.lowerBound
                    return total + min(max(0, reached - bounds.lowerBound), bounds.upperBound - bounds.lowerBound)
                }
            }
    }

    /// Offsets, or records of an archive, that are done. Where no group says so (an archive has none, and a broker forgets an
    /// idle one's offsets), what copies have said: all of a finished run, else the records that they have counted. Nil of a
    /// run of another program.
    var done: Int64? {
        guard record.program == Replay.table.program else { return nil }
        if let committed { return committed }
        if record.copies.contains(where: { $0.state == .finished }) { return record.offsets }
        let tally = record.tally
        return min(record.offsets, tally.selected + tally.skipped + tally.gone)
    }

    var rate: String { control?.rate ?? record.rate }

    var state: String {
        let state = record.state(at: now)
        if state == .running, control?.isPaused == true { return "paused" }
        // A copy has finished its part, and others have left theirs.
        if state == .finished, let committed, committed < record.offsets {
            let others = record.copies.map { $0.state(at: now) }.filter { $0 != .finished }
            return (others.last ?? .stopped).rawValue
        }
        return state.rawValue
    }

    /// What it is of, in a few words: the first topic, or the archive, and how many others.
    var source: String {
        guard let first = record.range.first?.topic else { return "" }
        return record.range.count == 1 ? first : "\(first) and \(record.range.count - 1) more"
    }

    /// The one who started it first, and the last to start it.
    var by: String { record.copies.last?.by ?? "" }

    var selection: [String] {
        RunDefinition(record).settings.flatMap { setting in
            setting.values.map { setting.values == ["true"] ? "--\(setting.name)" : "--\(setting.name) \($0)" }
        }
    }

    var percent: String {
        guard let done, record.offsets > 0 else { return "" }
        return HumanText.percent(Int(clamping: done), of: Int(clamping: record.offsets))
    }

    var json: JSONValue {
        .object([
            .init("run", .string(record.name)), .init("program", .string(record.program)),
            .init("command", .string(record.command)), .init("state", .string(state)),
            .init("group", .string(record.group)), .init("rate", .string(rate)),
            .init("started_at", .string(RFC3339.string(milliseconds: record.startedAt))),
            .init(
                "definition",
                .object(record.definition.map { .init($0.name, .array($0.values.map { .string($0) })) })),
            .init(
                "range",
                .object(
                    record.range.map { topic in
                        .init(
                            topic.topic,
                            .array(topic.bounds.map { .array([.integer($0.lowerBound), .integer($0.upperBound)]) }))
                    })),
            .init("offsets", .integer(record.offsets)),
            .init("done", done.map { .integer($0) } ?? .null),
            .init("tally", RunCodec.json(record.tally)),
            .init("copies", .array(record.copies.map(json))),
            .init("earlier_copies", .integer(record.earlierCopies)),
            .init(
                "control",
                control.map { control in
                    .object([
                        .init("rate", JSONValue(control.rate)), .init("paused", .bool(control.isPaused)),
                        .init("stop", .bool(control.stops)), .init("by", .string(control.by)),
                        .init("at", .string(RFC3339.string(milliseconds: control.at))),
                    ])
                } ?? .null),
        ])
    }

    private func json(_ copy: RunCopy) -> JSONValue {
        .object([
            .init("id", .string(copy.id)), .init("by", .string(copy.by)),
            .init("state", .string(copy.state(at: now).rawValue)),
            .init("started_at", .string(RFC3339.string(milliseconds: copy.startedAt))),
            .init("updated_at", .string(RFC3339.string(milliseconds: copy.updatedAt))),
            .init("tally", RunCodec.json(copy.tally)), .init("reason", JSONValue(copy.reason)),
        ])
    }
}
