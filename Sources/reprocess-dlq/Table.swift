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
                .expectClusterID, Flags.allowMassPark, .metricsFile, Flags.report,
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

    static let watch = WatchOptions.command

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
        subcommands: [drain, list, show, watch, topics] + JobCommands.all + [HistoryOptions.command]
            + ProgressCommands.all,
        commonFlags: [
            .bootstrapServers, .properties, .config, .output, .progress, .logLevel, .logFormat,
        ],
        examples: [
            .init("reprocess-dlq topics --create --yes", "Once: make the topics that are missing"),
            .init(
                "reprocess-dlq list --since -30d", "What failed within a month, why, whose, and what a drain would do"),
            .init(
                "reprocess-dlq plan -o night.jsonl --error-code dependency.unavailable",
                "See it first: what a drain of what an outage left would do, record by record"),
            .init(
                "reprocess-dlq apply night.jsonl --canary 10 --ramp 10:500:10s --report night.html --yes",
                "Do that, ten records first, then faster and faster, with a page for the ticket"),
            .init(
                "reprocess-dlq park --reason 'needs the fix of INC-7' --error-code badge.unknown --yes",
                "Set aside what cannot succeed yet"),
            .init("reprocess-dlq unpark --rate max --yes", "Bring it back once the fix is out"),
            .init(
                "reprocess-dlq discard --reason 'test data' --error-code event.invalid --archive gone.avro --yes",
                "Drop what nobody needs, with a copy of each record"),
            .init("reprocess-dlq restore gone.avro --yes", "Undo that"),
            .init(
                "reprocess-dlq --run-time 2h --max-parked 100 --max-lag gamification.replay:gamification-server=5000 --yes",
                "Drain the rest as a job with nobody watching: within two hours, no faster than the consumers follow"),
            .init("reprocess-dlq history --since -1d", "The next morning: who ran what, and what it came to"),
            .init("reprocess-dlq progress show", "How far the drain has come, by partition"),
            .init("reprocess-dlq progress export done.jsonl", "Keep that in a file before it is forgotten"),
            .init(
                "reprocess-dlq progress reset --group gamification.drain.gamification.dlq --yes",
                "Begin anew: all that is still there will be redriven"),
            .init(
                "reprocess-dlq progress import done.jsonl --yes", "Or not: what the file says is done is done again"),
        ])
}
