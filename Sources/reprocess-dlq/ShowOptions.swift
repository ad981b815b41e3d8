import CommandLine
import SchemaRegistry
import ToolKit

/// What `show` was told, checked.
struct ShowOptions: Sendable {
    let queue: QueueOptions
    /// Nil does not look into the body.
    let registry: SchemaRegistryClient?
    let partition: Int32
    let offset: Int64
    /// Whether email addresses and secrets are shown.
    let reveals: Bool
    let isJSON: Bool

    /// Reads everything, noting every mistake in `reader`.
    init(_ reader: inout OptionReader) {
        queue = QueueOptions(&reader)
        registry = DecodingOptions(&reader, isNeeded: false).registry
        let place = reader.positional(0) { text throws(ValueError) in try PartitionOffset(text) }
        partition = place?.partition ?? 0
        offset = place?.offset ?? 0
        reveals = reader.toggle(ReprocessDLQ.reveal)
        isJSON = reader.choice(.output, as: OutputForm.self, placeholder: OutputForm.table) == .json
    }
}
