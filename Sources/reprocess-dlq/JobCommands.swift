import CommandLine
import ToolKit

/// Commands beside the drain that redrive, plan or set aside.
enum JobCommands {
    static let out = Flag(
        "out", short: "o", placeholder: "FILE", inFile: false, completion: .file, section: "Plan",
        help: "The file to write; one that is there is replaced once the new one is complete")
    static let reason = Flag(
        "reason", placeholder: "TEXT", inFile: false, section: "Selection",
        help: "Why, for whoever looks later: at most 1,024 bytes, no control characters, nothing about persons")

    static let archive = Flag(
        "archive", placeholder: "FILE", inFile: false, completion: .file, section: "Selection",
        help: "Where discarded records are kept, byte for byte; must not exist, but for a run that goes on")

    private static let destination = [
        Flag.to, RedriveFlags.replayTopic, Flags.allowOrigin, Flags.parkedTopic,
    ]
    private static let running =
        [
            Flags.delivery, Flags.rate, Flags.limit, RedriveFlags.run, RedriveFlags.progressTopic,
            RedriveFlags.runsTopic,
            RedriveFlags.acceptReset, .yes, .dryRun, .expectClusterID, .metricsFile, Flags.report,
        ] + GuardOptions.flags

    static let plan = Subcommand(
        "plan", summary: "Write down what a drain would do, record by record",
        description: [
            """
            The drain's flags mean the same. The file is JSON lines: what it is a plan for, an entry for each record \
            (topic, partition, offset, timestamp, SHA-256 of key, value and headers, decision, destination), and a \
            SHA-256 over all of that. Nothing is published, and no group joined. apply does what it says.
            """
        ],
        flags: [out, Flags.topic] + destination + [Flags.maxRetries, RedriveFlags.timestamp, Flags.limit]
            + RedriveFlags.filters + [Flags.skipped] + RedriveFlags.registry + [
                Flags.group, RedriveFlags.progressTopic, RedriveFlags.acceptReset, .expectClusterID,
            ])
    static let apply = Subcommand(
        "apply", summary: "Do what a plan says, and nothing else",
        description: [
            """
            A plan of another cluster, or one that was changed or is cut off, is refused. A record that is another \
            than it was, or that is done already, is not sent, and reported; exit status 3 says that there were such. \
            Killed in the middle, it goes on where it was when it is run again.
            """
        ],
        positionals: [.init("FILE", completion: .file, help: "A file that plan wrote")],
        flags: running.filter { $0.long != Flags.limit.long } + CanaryOptions.flags)
    static let park = Subcommand(
        "park", summary: "Set records aside without redriving them",
        description: [
            """
            All that the filters select goes to the parked topic, with --reason in the header \
            gamification.parked.reason. For the drain those records are done; unpark brings them back.
            """
        ],
        flags: [reason, Flags.topic, Flags.parkedTopic, RedriveFlags.timestamp] + RedriveFlags.filters
            + RedriveFlags.registry + [Flags.group] + running)
    static let unpark = Subcommand(
        "unpark", summary: "Bring parked records back",
        description: [
            """
            What the filters select of the parked topic is published to where a drain publishes (--to), with the count \
            of redrives at 0, each record once. The parked topic keeps its records; what was brought back stands in the \
            progress of a group of its own, gamification.unpark.TOPIC.
            """
        ],
        flags: destination + [RedriveFlags.timestamp] + RedriveFlags.filters + RedriveFlags.registry
            + [Flags.group] + running + CanaryOptions.flags)

    /// Without a destination there are no consumers to wait for, and only a transaction holds file and progress together.
    private static let discarding: [Flag] = {
        let others = [Flags.delivery.long, GuardOptions.maxLag.long, GuardOptions.lagWait.long]
        return running.filter { !others.contains($0.long) }
    }()

    static let discard = Subcommand(
        "discard", summary: "Drop records, with a copy of each in a file",
        description: [
            """
            All that the filters select becomes done and is published nowhere. Each record is in the archive, and the \
            archive on the disk, before it is done; an Avro container file that restore puts back, and other tools read. \
            Needs the progress topic, and to be the only copy. After a kill the same --run with the same --archive goes on.
            """
        ],
        flags: [reason, archive, Flags.topic] + RedriveFlags.filters + RedriveFlags.registry + [Flags.group]
            + discarding)

    static let all = [plan, apply, park, unpark, discard, RestoreOptions.command]
}
