import CommandLine
import Events
import Kafka
import Redrive
import SchemaRegistry
import ToolKit

/// What `list` was told, checked.
struct ListOptions: Sendable {
    let connection: ConnectionOptions
    let registry: SchemaRegistryClient?
    let filter: FilterOptions
    let topic: String
    let group: String
    let progressTopic: String
    let parkedTopic: String
    let destination: DrainOptions.Destination
    let maximumRetries: Int32
    let timestamps: DrainRules.Timestamps
    /// Whether what is done is counted as well.
    let includesDone: Bool
    let isJSON: Bool
    let progress: ProgressMode

    /// Reads everything, noting every mistake in `reader`.
    init(_ reader: inout OptionReader, now: TimePoint) {
        connection = ConnectionOptions(&reader, program: "reprocess-dlq")
        let decoding = DecodingOptions(&reader, isNeeded: true)
        registry = decoding.registry
        filter = FilterOptions(&reader, decodes: decoding.decodes, now: now)
        topic = reader.topic(Flags.topic)
        group = reader.optionalName(Flags.group) ?? "gamification.drain.\(topic)"
        progressTopic = reader.topic(RedriveFlags.progressTopic)
        parkedTopic = reader.topic(Flags.parkedTopic)
        destination = DrainOptions.destination(&reader)
        maximumRetries = Int32(reader.integer(Flags.maxRetries, in: 0...1_000))
        timestamps = reader.choice(
            RedriveFlags.timestamp, as: DrainRules.Timestamps.self, placeholder: DrainRules.Timestamps.keep)
        includesDone = reader.toggle(ReprocessDLQ.all)
        isJSON = reader.choice(.output, as: OutputForm.self, placeholder: OutputForm.table) == .json
        progress = reader.choice(.progress, as: ProgressMode.self, placeholder: ProgressMode.auto)
    }
}
