import CommandLine
import ToolKit

/// The flags of `replay`, by what they are for.
enum Flags {
    // MARK: Source

    static let topic = Flag(
        "topic", kind: .repeatable, placeholder: "TOPIC", completion: .dynamic("topics"), section: "Selection",
        help: "Topic to replay; may be repeated. Without it, those of the five event topics that exist")
    static let from = Flag(
        "from", kind: .repeatable, placeholder: "PARTITION:OFFSET", inFile: false, section: "Selection",
        help: "Begin a partition there, with one --topic; may be repeated. Partitions not named are left out")
    static let fromFile = Flag(
        "from-file", placeholder: "FILE", inFile: false, completion: .file, section: "Selection",
        help: "Publish the records of an archive that --to-file wrote, instead of a topic's",
        detail: """
            Keys, values, headers and timestamps are published as the archive has them: nothing is added and nothing \
            removed, so that a restored topic equals the archived one. Each record goes to its own topic and partition \
            with --to origin, to one topic otherwise. Filters select as they do for topics.
            """)

    // MARK: Destination

    static let to = Flag(
        "to", kind: .repeatable, placeholder: "replay|origin|TOPIC", inFile: false,
        completion: .dynamic("destinations"), section: "Destination",
        help: "Where events are published (replay without it). As PARTITION:OFFSET: where that partition's range ends")
    static let toFile = Flag(
        "to-file", placeholder: "FILE", inFile: false, completion: .file, section: "Destination",
        help: "Write the events into an archive (Avro container), with keys, headers, timestamps and places")
    static let allowOrigin = Flag(
        "allow-origin", kind: .repeatable, placeholder: "TOPIC", completion: .dynamic("topics"),
        section: "Destination",
        help: "With --to origin: a topic that may be published to; without it the five event topics may")
    static let delivery = Flag(
        "delivery", default: "exactly-once", choices: ["exactly-once", "at-least-once"], section: "Destination",
        help: "How records reach the destination",
        detail: """
            exactly-once publishes records and offset in one Kafka transaction. at-least-once is for brokers without \
            transactions: a kill may publish the last batch twice, and never loses one. It is never chosen by itself, \
            and needs to be the only copy.
            """)
    static let strictOrder = Flag(
        "strict-order", kind: .toggle, section: "Safety",
        help: "Refuse where the destination already holds newer records of the same keys, instead of warning")

    // MARK: Pace

    static let rate = Flag(
        "rate", placeholder: "N|max", default: "100", section: "Pace",
        help: "Events a second at most, over all copies of the run together")
    static let sharedRate = Flag(
        "shared-rate", kind: .toggle, inFile: false, section: "Pace",
        help:
            "Share the rate among the copies of the run by demand, through Redis, instead of by the partitions they own",
        detail: """
            A copy that has little to send leaves its part to the others; all together never exceed the rate. Where Redis \
            cannot be reached a copy says so, sends nothing for up to five seconds, in which Redis may still count it, and \
            then keeps to the share that its partitions give it until Redis is back. Every copy of the run must be given \
            it. A ramp begins with each copy.
            """)
    static let limit = Flag(
        "limit", placeholder: "N", inFile: false, section: "Pace",
        help: "Stop after N events; needs to be the only copy")

    // MARK: Selection

    static let header = Flag(
        "header", kind: .repeatable, placeholder: "NAME=GLOB", inFile: false, section: "Selection",
        help: "Only records with such a header, for example source=import-*; may be repeated, all must hold")
    static let field = Flag(
        "where", kind: .repeatable, placeholder: "FIELD=VALUE", inFile: false, section: "Selection",
        help: "Only events whose field has this value, for example badge=gold; may be repeated, all must hold",
        detail: """
            FIELD may be a path: address.city. Strings and symbols are compared as they are, numbers by value, booleans \
            as true or false, a null as null, times in milliseconds or RFC 3339.
            """)
    static let time = RedriveFlags.time.with(
        default: "event",
        help: "What --since and --until mean: when the event happened, or when a dead letter failed first")
    static let onUndecodable = Flag(
        "on-undecodable", default: "skip", choices: ["skip", "stop", "publish"], section: "Selection",
        help:
            "What becomes of records whose body cannot be read: counted and left out, the end of the run, or published")

    static let noDecode = RedriveFlags.noDecode.with(
        help: "Do not look into payloads: works without a schema registry, and publishes what cannot be decoded as well"
    )

    // MARK: Run

    static let run = RedriveFlags.run.with(
        help:
            "Name of the run: starts it, or goes on with it where it was; copies side by side share it. Without it one "
            + "is made")

    /// What defines a run: under one name it must be the same every time.
    static let definition =
        [topic, from, fromFile, to, toFile, RedriveFlags.replayTopic, allowOrigin, delivery] + filters + [
            onUndecodable, noDecode, RedriveFlags.timestamp, RedriveFlags.progressTopic,
        ]
    static let filters =
        RedriveFlags.filters.map { $0.long == time.long ? time : $0 } + [header, field]
}
