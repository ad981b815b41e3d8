import CommandLine

/// The flags of `reprocess-dlq`: parser, help, man page and completions come from this table.
enum ReprocessDLQ {
    static let topic = Flag.topic.with(
        default: "gamification.dlq", help: "Dead-letter topic to drain")
    static let group = Flag.group.with(
        help: "Consumer group that keeps the progress; default gamification.drain.TOPIC. Another one knows nothing of "
            + "the default's progress")
    static let delivery = Flag(
        "delivery", default: "exactly-once", choices: ["exactly-once", "at-least-once"], section: "Destination",
        help: "at-least-once is for brokers without transactions: a kill may publish the last batch twice")
    static let rate = Flag(
        "rate", placeholder: "N|max", default: "100", section: "Pace",
        help: "Records a second at most, over all copies of this program in the group")
    static let limit = Flag(
        "limit", placeholder: "N", inFile: false, section: "Pace",
        help: "Stop after N selected records; needs to be the only copy")

    static let table = FlagTable(
        program: "reprocess-dlq", version: ToolkitVersion.current,
        summary: "process a dead-letter queue again, each record once",
        subcommands: [
            Subcommand(
                "drain", summary: "Redrive what is left (the default)",
                flags: [topic, Flag.to, delivery, rate, limit, group, .yes])
        ],
        commonFlags: [.bootstrapServers, .properties, .config, .progress, .output])
}
