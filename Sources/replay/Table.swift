import CommandLine
import RedisKit
import ToolKit

/// The one table of `replay`: parser, help, man page and completions come from it.
enum Replay {
    static let start = Subcommand(
        "start", summary: "Start a run, or go on with one (the default)",
        flags: [
            Flags.topic, Flags.from, Flags.fromFile, Flags.to, Flags.toFile, RedriveFlags.replayTopic,
            Flags.allowOrigin, Flags.delivery, RedriveFlags.timestamp, Flags.strictOrder, Flags.rate, RedriveFlags.ramp,
            Flags.sharedRate, Flags.limit, RedriveFlags.maxLag, RedriveFlags.lagWait,
        ] + Flags.filters + [Flags.onUndecodable]
            + RedriveFlags.registry.map { $0.long == Flags.noDecode.long ? Flags.noDecode : $0 } + Flag.redisCaches + [
                Flags.run, RedriveFlags.runsTopic, RedriveFlags.progressTopic, RedriveFlags.acceptReset, .yes, .dryRun,
                .expectClusterID, .metricsFile,
            ])
    static let runs = Subcommand(
        "runs", summary: "List the runs: range, progress, rate, who, when", flags: [RedriveFlags.runsTopic, all])
    static let status = Subcommand(
        "status", summary: "Show one run, copy by copy", flags: [runName, RedriveFlags.runsTopic])
    static let rate = Subcommand(
        "rate", summary: "Change the rate of a run that is under way",
        positionals: [.init("RATE", help: "Events a second over all copies together, or max")],
        flags: [runName, RedriveFlags.runsTopic])
    static let pause = Subcommand(
        "pause", summary: "Let a run wait, with no transaction open", flags: [runName, RedriveFlags.runsTopic])
    static let resume = Subcommand(
        "resume", summary: "Let a run that waits go on", flags: [runName, RedriveFlags.runsTopic])
    static let stop = Subcommand(
        "stop", summary: "End every copy of a run; start it again by its name",
        description: ["The copies commit what they have in hand, print their tally and end with exit status 7."],
        flags: [runName, RedriveFlags.runsTopic])

    static let runName = Flag(
        "run", placeholder: "NAME", completion: .dynamic("runs"), section: "Run", help: "Name of the run")
    static let all = Flag(
        "all", kind: .toggle, section: "Run", help: "List the runs of reprocess-dlq as well")

    static let controls = [rate, pause, resume, stop]

    static let table = FlagTable(
        program: "replay", version: ToolkitVersion.current,
        summary: "publish past events again, filtered, at a steady rate",
        description: [
            """
            Reads a range of topics, or an archive, and publishes the selected events again: to the replay topic, to the \
            topic that they came from, to any other, or into an archive. 100 events a second unless told otherwise, on an \
            absolute schedule: no bursts after a stall beyond half a second's worth, no drift. Records and offsets are one \
            Kafka transaction, so that a kill at any instant loses nothing and publishes nothing twice.
            """,
            """
            A run has a name. Its range is pinned when it starts; stopped or killed, it goes on where it was when it is \
            started again by its name, and a start under the same name with other filters is refused. Several copies may \
            run side by side and share the rate by the partitions that they hold, or by demand with --shared-rate. runs, status, rate, pause, \
            resume and stop work from any host that reaches Kafka.
            """,
        ],
        subcommands: [start, runs, status, rate, pause, resume, stop],
        commonFlags: [
            .bootstrapServers, .properties, .config, .output, .progress, .logLevel, .logFormat,
        ],
        examples: [
            .init(
                "replay --merchant ID --since -3h --until -90m --dry-run",
                "What would be sent, by type, merchant and minute"),
            .init("replay --run night --merchant ID --since -2h --yes", "Send it, at 100 events a second"),
            .init("replay rate --run night 300", "Faster, from any host"),
            .init("replay --run night --yes", "Go on with it tomorrow"),
            .init("replay --topic points.earned --to-file points.avro --rate max --yes", "Archive a topic"),
            .init("replay --from-file points.avro --to origin --rate max --yes", "Restore it"),
        ], seeAlso: ["reprocess-dlq(1)"])
}
