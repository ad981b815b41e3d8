import CommandLine
import ToolKit

/// The one table of `reprocess-dlq`: parser, help, man page and completions come from it.
enum ReprocessDLQ {
    static let drain = Subcommand(
        "drain", summary: "Redrive what is left (the default)",
        flags: [
            Flags.topic, .to, RedriveFlags.replayTopic, Flags.allowOrigin, Flags.parkedTopic, Flags.delivery,
            Flags.maxRetries, RedriveFlags.timestamp, Flags.rate, Flags.limit, Flags.follow,
        ] + CanaryOptions.flags + GuardOptions.flags + RedriveFlags.filters + [Flags.skipped] + RedriveFlags.registry
            + [
                Flags.group, RedriveFlags.run, RedriveFlags.progressTopic, RedriveFlags.runsTopic,
                RedriveFlags.acceptReset, .yes, .dryRun,
                .expectClusterID, Flags.allowMassPark, .metricsFile,
            ])
    static let list = Subcommand(
        "list", summary: "Show what is not yet done: why, whence, whose, since when",
        description: [
            """
            Joins no group, writes nothing, and ends at the last stable offset of every partition. The drain's filters \
            and destination flags mean the same here, so that the last chart says what such a drain would do. Records \
            are counted as they stream by, in memory that does not grow with the topic.
            """
        ],
        flags: [
            Flags.topic, .to, RedriveFlags.replayTopic, Flags.allowOrigin, Flags.parkedTopic, Flags.maxRetries,
            RedriveFlags.timestamp, all,
        ] + RedriveFlags.filters + RedriveFlags.registry + [Flags.group, RedriveFlags.progressTopic])
    static let show = Subcommand(
        "show", summary: "Show one record whole",
        description: [
            """
            Headers by dialect, contradictions among them, the decoded body, whether a drain has dealt with it and what \
            one would do. Text that looks like an email address, a token or a password is covered, in headers and body, \
            unless --reveal is given. A body that cannot be decoded is shown as bytes, with the byte where decoding \
            ended. Exit status 1 says that there is no record at that place.
            """
        ],
        positionals: [.init("PARTITION:OFFSET", help: "Where the record stands in the dead-letter topic")],
        flags: [
            Flags.topic, reveal, .to, RedriveFlags.replayTopic, Flags.allowOrigin, Flags.parkedTopic, Flags.maxRetries,
            RedriveFlags.timestamp,
        ] + RedriveFlags.registry + [Flags.group, RedriveFlags.progressTopic])
    static let topics = Subcommand(
        "topics", summary: "Show the topics needed, and what is wrong with them",
        description: [
            """
            Exit status 6 says that one is missing or wrong: it would lose records or progress, or a drain would refuse \
            to use it. A time limit of less than 30 days counts as wrong. With --create the missing ones are made, \
            after a question, and looked at again; topics that exist are never changed.
            """
        ],
        flags: [
            Flags.topic, RedriveFlags.replayTopic, Flags.parkedTopic, RedriveFlags.progressTopic,
            RedriveFlags.runsTopic, create,
            partitions, replication, .yes, .dryRun, .expectClusterID,
        ])

    static let all = Flag(
        "all", kind: .toggle, inFile: false, section: "Selection", help: "Count what is done already as well")
    static let reveal = Flag(
        "reveal", kind: .toggle, inFile: false, section: "Selection",
        help: "Show email addresses and error texts as they are")
    static let create = Flag(
        "create", kind: .toggle, inFile: false, section: "Topics", help: "Create the topics that are missing")
    static let partitions = Flag(
        "partitions", placeholder: "N", default: "6", section: "Topics",
        help: "Partitions of a topic that is created")
    static let replication = Flag(
        "replication-factor", placeholder: "N", section: "Topics",
        help: "Copies of a topic that is created; without it the broker's default")

    static let table = FlagTable(
        program: "reprocess-dlq", version: ToolkitVersion.current,
        summary: "process a dead-letter queue again, each record once",
        description: [
            """
            Reads the dead-letter topic and publishes every record again: to the replay topic, to the topic that it \
            came from, or to any other. What cannot be processed again goes to the parked topic with the reason. \
            Records, progress and offsets are one Kafka transaction, so that a kill at any instant loses nothing and \
            publishes nothing twice.
            """
        ],
        subcommands: [drain, list, show, topics] + JobCommands.all + [HistoryOptions.command] + ProgressCommands.all,
        commonFlags: [
            .bootstrapServers, .properties, .config, .output, .progress, .logLevel, .logFormat,
        ],
        examples: [
            .init("reprocess-dlq topics --create", "Make the topics that are missing, after a question"),
            .init("reprocess-dlq list --since -1d --merchant ID", "What failed for a merchant within a day, and why"),
            .init("reprocess-dlq show 3:1024", "One record, and what a drain would do with it"),
            .init("reprocess-dlq --dry-run", "What a drain would do, without doing it"),
            .init(
                "reprocess-dlq --error-code dependency.unavailable --yes", "Redrive what failed because of an outage"),
        ])
}
