import CommandLine

/// The one table of `reprocess-dlq`: parser, help, man page and completions come from it.
enum ReprocessDLQ {
    static let drain = Subcommand(
        "drain", summary: "Redrive what is left (the default)",
        flags: [
            Flags.topic, .to, Flags.replayTopic, Flags.allowOrigin, Flags.parkedTopic, Flags.delivery,
            Flags.maxRetries, Flags.timestamp, Flags.rate, Flags.limit, Flags.follow,
        ] + Flags.filters + [Flags.skipped] + Flags.registry + [
            Flags.group, Flags.run, Flags.progressTopic, Flags.runsTopic, Flags.acceptReset, .yes, .dryRun,
            .expectClusterID, Flags.allowMassPark, .metricsFile,
        ])
    static let list = Subcommand(
        "list", summary: "Show what is not yet done, by reason, origin, merchant, event type and age",
        flags: [
            Flags.topic, .to, Flags.replayTopic, Flags.allowOrigin, Flags.parkedTopic, Flags.maxRetries,
            Flags.timestamp, all,
        ] + Flags.filters + Flags.registry + [Flags.group, Flags.progressTopic])
    static let show = Subcommand(
        "show", summary: "Show one record whole",
        positionals: [.init("PARTITION:OFFSET", help: "Where the record stands in the dead-letter topic")],
        flags: [
            Flags.topic, reveal, .to, Flags.replayTopic, Flags.allowOrigin, Flags.parkedTopic, Flags.maxRetries,
            Flags.timestamp,
        ] + Flags.registry + [Flags.group, Flags.progressTopic])
    static let topics = Subcommand(
        "topics", summary: "Show the topics that the tools need, and what is wrong with them",
        flags: [
            Flags.topic, Flags.replayTopic, Flags.parkedTopic, Flags.progressTopic, Flags.runsTopic, create,
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
        subcommands: [drain, list, show, topics],
        commonFlags: [
            .bootstrapServers, .properties, .config, .output, .progress, .logLevel, .logFormat,
        ])
}
