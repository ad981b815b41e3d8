import CommandLine
import ToolKit

/// What `topics` was told, checked.
struct TopicsOptions: Sendable {
    let connection: ConnectionOptions
    /// In the order in which they are shown.
    let requirements: [TopicRequirement]
    let creates: Bool
    /// Nil is the broker's default.
    let replication: Int32?
    let isAnswered: Bool
    let isDryRun: Bool
    let isJSON: Bool

    /// Reads everything, noting every mistake in `reader`.
    init(_ reader: inout OptionReader) {
        connection = ConnectionOptions(&reader, program: "reprocess-dlq")
        let partitions = Int32(reader.integer(ReprocessDLQ.partitions, in: 1...10_000))
        requirements = [
            TopicRequirement(
                role: "dead_letters", topic: reader.topic(Flags.topic), kind: .log, partitions: partitions),
            TopicRequirement(
                role: "replay", topic: reader.topic(RedriveFlags.replayTopic), kind: .log, partitions: partitions),
            TopicRequirement(
                role: "parked", topic: reader.topic(Flags.parkedTopic), kind: .log, partitions: partitions),
            TopicRequirement(
                role: "progress", topic: reader.topic(RedriveFlags.progressTopic), kind: .table, partitions: partitions),
            TopicRequirement(role: "runs", topic: reader.topic(RedriveFlags.runsTopic), kind: .table, partitions: 1),
        ]
        creates = reader.toggle(ReprocessDLQ.create)
        replication = reader.optionalInteger(ReprocessDLQ.replication, in: 1...100).map { Int32($0) }
        isAnswered = reader.toggle(.yes)
        isDryRun = reader.toggle(.dryRun)
        isJSON = reader.choice(.output, as: OutputForm.self, placeholder: OutputForm.table) == .json
        let names = requirements.map(\.topic)
        for name in Set(names) where !name.isEmpty && names.count(where: { $0 == name }) > 1 {
            reader.report("topics", "\(name) is named for more than one purpose; each needs a topic of its own")
        }
        if !creates {
            for flag in [ReprocessDLQ.partitions, ReprocessDLQ.replication] where reader.isGiven(flag) {
                reader.report(flag, "goes with --create")
            }
        }
    }
}
