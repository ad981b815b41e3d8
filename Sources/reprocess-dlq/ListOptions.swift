import CommandLine
import SchemaRegistry
import ToolKit

/// What `list` was told, checked.
struct ListOptions: Sendable {
    let queue: QueueOptions
    let registry: SchemaRegistryClient?
    let filter: FilterOptions
    /// Whether what is done is counted as well.
    let includesDone: Bool
    let isJSON: Bool
    let progress: ProgressMode

    /// Reads everything, noting every mistake in `reader`.
    init(_ reader: inout OptionReader, now: TimePoint) {
        queue = QueueOptions(&reader)
        let decoding = DecodingOptions(&reader, isNeeded: true)
        registry = decoding.registry
        filter = FilterOptions(&reader, decodes: decoding.decodes, now: now)
        includesDone = reader.toggle(ReprocessDLQ.all)
        isJSON = reader.choice(.output, as: OutputForm.self, placeholder: OutputForm.table) == .json
        progress = reader.choice(.progress, as: ProgressMode.self, placeholder: ProgressMode.auto)
    }
}
