import CommandLine
import ToolKit

/// What `restore` was told, checked.
struct RestoreOptions: Sendable {
    let connection: ConnectionOptions
    let path: String
    let progressTopic: String
    let runsTopic: String
    let isAnswered: Bool
    let isDryRun: Bool
    let isJSON: Bool
    let progress: ProgressMode

    /// Reads everything, noting every mistake in `reader`.
    init(_ reader: inout OptionReader) {
        connection = ConnectionOptions(&reader, program: "reprocess-dlq")
        path =
            reader.positional(0) { text throws(ValueError) in try ValueText.text(text, limit: 4_096) } ?? ""
        progressTopic = reader.topic(RedriveFlags.progressTopic)
        runsTopic = reader.topic(RedriveFlags.runsTopic)
        isAnswered = reader.toggle(.yes)
        isDryRun = reader.toggle(.dryRun)
        isJSON = reader.choice(.output, as: OutputForm.self, placeholder: OutputForm.table) == .json
        progress = reader.choice(.progress, as: ProgressMode.self, placeholder: ProgressMode.auto)
    }

    static let command = Subcommand(
        "restore", summary: "Put discarded records back, once",
        description: [
            """
            Appends the records of an archive to the topic that they came from, as they were, each once: killed in the \
            middle, or run again, it goes on where it was. The archive is read whole before anything is published; one \
            that is damaged, or of another cluster, is refused. What a killed discard wrote and did not commit is left \
            out: those records are still in the topic.
            """
        ],
        positionals: [.init("FILE", completion: .file, help: "An archive that discard wrote")],
        flags: [RedriveFlags.progressTopic, RedriveFlags.runsTopic, .yes, .dryRun, .expectClusterID])
}
