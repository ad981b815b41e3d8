import CommandLine
import Configuration
import Redrive
import SchemaRegistry
import ToolKit

/// What `show` was told, checked.
struct ShowOptions: Sendable {
    let connection: ConnectionOptions
    /// Nil does not look into the body.
    let registry: SchemaRegistryClient?
    let topic: String
    let partition: Int32
    let offset: Int64
    let group: String
    let progressTopic: String
    let parkedTopic: String
    let destination: DrainOptions.Destination
    let maximumRetries: Int32
    let timestamps: DrainRules.Timestamps
    /// Whether email addresses and secrets are shown.
    let reveals: Bool
    let isJSON: Bool

    /// Reads everything, noting every mistake in `reader`.
    init(_ reader: inout OptionReader) {
        connection = ConnectionOptions(&reader, program: "reprocess-dlq")
        registry = DecodingOptions(&reader, isNeeded: false).registry
        topic = reader.topic(Flags.topic)
        let place = reader.positional(0) { text throws(ValueError) in try PartitionOffset(text) }
        partition = place?.partition ?? 0
        offset = place?.offset ?? 0
        group = reader.optionalName(Flags.group) ?? "gamification.drain.\(topic)"
        progressTopic = reader.topic(RedriveFlags.progressTopic)
        parkedTopic = reader.topic(Flags.parkedTopic)
        destination = DrainOptions.destination(&reader)
        maximumRetries = Int32(reader.integer(Flags.maxRetries, in: 0...1_000))
        timestamps = reader.choice(
            RedriveFlags.timestamp, as: DrainRules.Timestamps.self, placeholder: DrainRules.Timestamps.keep)
        reveals = reader.toggle(ReprocessDLQ.reveal)
        isJSON = reader.choice(.output, as: OutputForm.self, placeholder: OutputForm.table) == .json
    }
}
