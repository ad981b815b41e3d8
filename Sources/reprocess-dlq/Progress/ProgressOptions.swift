import CommandLine
import Redrive
import ToolKit

/// What the `progress` commands were told, checked.
struct ProgressOptions: Sendable {
    enum Action: Sendable, Equatable {
        case show
        case reset
        case export(path: String)
        case `import`(path: String)
    }

    let action: Action
    /// As it is typed, for documents.
    let name: String
    let connection: ConnectionOptions
    let topic: String
    let group: String
    let isGroupGiven: Bool
    let progressTopic: String
    let runsTopic: String
    let delivery: Delivery
    let isAnswered: Bool
    let isDryRun: Bool
    let isJSON: Bool

    /// Reads everything, noting every mistake in `reader`.
    init(_ reader: inout OptionReader) {
        name = reader.command.name
        connection = ConnectionOptions(&reader, program: "reprocess-dlq")
        topic = reader.topic(Flags.topic)
        group = reader.optionalName(Flags.group) ?? "gamification.drain.\(topic)"
        isGroupGiven = reader.isGiven(Flags.group)
        progressTopic = reader.topic(RedriveFlags.progressTopic)
        switch name {
        case ProgressCommands.show.name: action = .show
        case ProgressCommands.reset.name: action = .reset
        case ProgressCommands.export.name: action = .export(path: Self.path(&reader))
        default: action = .import(path: Self.path(&reader))
        }
        let changes = name == ProgressCommands.reset.name || name == ProgressCommands.importing.name
        runsTopic = changes ? reader.topic(RedriveFlags.runsTopic) : ""
        delivery =
            changes ? reader.choice(Flags.delivery, as: Delivery.self, placeholder: .exactlyOnce) : .exactlyOnce
        isAnswered = changes && reader.toggle(.yes)
        isDryRun = changes && reader.toggle(.dryRun)
        isJSON = reader.choice(.output, as: OutputForm.self, placeholder: OutputForm.table) == .json
        if action == .reset, isAnswered, !isGroupGiven, !isDryRun {
            reader.report(.yes, "goes with --group here: name the group whose progress is to be forgotten")
        }
    }

    private static func path(_ reader: inout OptionReader) -> String {
        reader.positional(0) { text throws(ValueError) in try ValueText.text(text, limit: 4_096) } ?? ""
    }
}
