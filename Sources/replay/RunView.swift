import CommandLine
import Events
import Kafka
import Runs

/// One run, with what its group says is done.
struct RunView: Sendable {
    let record: RunRecord
    let control: RunControl?
    /// Offsets of the range that are done; nil where the group has committed nothing.
    let done: Int64?
    let now: Int64

    /// - Parameter admin: asked for the group's offsets.
    init(_ record: RunRecord, control: RunControl?, admin: KafkaAdmin, now: Int64) throws(KafkaError) {
        self.record = record
        self.control = control
        self.now = now
        guard !record.group.isEmpty, record.program == Replay.table.program else {
            done = nil
            return
        }
        var committed: [TopicPartition: Int64] = [:]
        for entry in try admin.groupOffsets(record.group, timeout: RunAccess.patience) {
            committed[entry.partition] = entry.offset
        }
        done =
            committed.isEmpty
            ? nil
            : record.range.reduce(0) { total, topic in
                topic.bounds.enumerated().reduce(total) { total, entry in
                    let (partition, bounds) = entry
                    let place = TopicPartition(topic: topic.topic, partition: Int32(partition))
                    let reached = committed[place] ?? bounds.lowerBound
                    return total + min(max(0, reached - bounds.lowerBound), bounds.upperBound - bounds.lowerBound)
                }
            }
    }

    var rate: String { control?.rate ?? record.rate }

    var state: String {
        let state = record.state(at: now)
        return state == .running && control?.isPaused == true ? "paused" : state.rawValue
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
