import CommandLine
import ToolKit

/// The `progress` commands of the table.
enum ProgressCommands {
    private static let place = [Flags.topic, Flags.group, RedriveFlags.progressTopic]
    private static let changing = place + [RedriveFlags.runsTopic, Flags.delivery, .yes, .dryRun, .expectClusterID]

    static let show = Subcommand(
        "progress show", summary: "Show what a group has done, by partition",
        description: [
            """
            The committed offset, what is done above it, and who is in the group. Joins no group. Progress that cannot \
            be followed, for instance because another program has set the group's offset, is shown with the reason, and \
            the exit status is then 6.
            """
        ],
        flags: place + [.expectClusterID])
    static let reset = Subcommand(
        "progress reset", summary: "Forget what a group has done",
        description: [
            """
            Every record that is still in the topic becomes undone, so that the next drain publishes it, also if an \
            earlier one did. Asks for the group's name; where nobody can be asked, --yes with --group stands for it. A \
            group with living members is refused.
            """
        ],
        flags: changing)
    static let export = Subcommand(
        "progress export", summary: "Write what a group has done to a file",
        description: ["One JSON document a line, and a SHA-256 over all of them as the last one."],
        positionals: [.init("FILE", completion: .file, help: "The file to write; one that is there is replaced")],
        flags: place + [.expectClusterID])
    static let importing = Subcommand(
        "progress import", summary: "Take over what a file says is done",
        description: [
            """
            Adds it to what is done already, and makes nothing undone: after progress reset the result is what the file \
            says. A file of another cluster or topic, one that was edited or is cut off, and one of a topic that was \
            made anew since are refused. So is a group with living members.
            """
        ],
        positionals: [.init("FILE", completion: .file, help: "A file that progress export wrote")],
        flags: changing)

    static let all = [show, reset, export, importing]
}
