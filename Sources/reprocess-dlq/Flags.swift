import CommandLine

/// The flags of `reprocess-dlq`, by what they are for.
enum Flags {
    // MARK: Topics and group

    static let topic = Flag.topic.with(default: "gamification.dlq", help: "Dead-letter topic")
    static let replayTopic = Flag(
        "replay-topic", placeholder: "TOPIC", default: "gamification.replay", completion: .dynamic("topics"),
        section: "Destination", help: "What --to replay means")
    static let parkedTopic = Flag(
        "parked-topic", placeholder: "TOPIC", default: "gamification.dlq.parked", completion: .dynamic("topics"),
        section: "Destination", help: "Where records go that cannot be processed again")
    static let progressTopic = Flag(
        "progress-topic", placeholder: "TOPIC", default: "gamification.redrive.progress",
        completion: .dynamic("topics"), section: "Progress",
        help: "Compacted topic that keeps what is done above the committed offset")
    static let runsTopic = Flag(
        "runs-topic", placeholder: "TOPIC", default: "gamification.redrive.runs", completion: .dynamic("topics"),
        section: "Progress", help: "Compacted topic reserved for who ran what, when, and what it came to")
    static let group = Flag.group.with(
        help: "Consumer group that keeps the progress; default gamification.drain.TOPIC. Another group knows nothing "
            + "of the default's progress, so naming one asks")
    static let run = Flag(
        "run", placeholder: "NAME", section: "Progress",
        help: "Name of the run, written into every record; copies side by side share it. Without it one is made")
    static let acceptReset = Flag(
        "accept-reset", kind: .toggle, inFile: false, section: "Progress",
        help: "Follow an offset that another program has set for the group")

    // MARK: Destination

    static let allowOrigin = Flag(
        "allow-origin", kind: .repeatable, placeholder: "TOPIC", completion: .dynamic("topics"),
        section: "Destination",
        help: "With --to origin: a topic that may be published to; without it the five event topics may")
    static let delivery = Flag(
        "delivery", default: "exactly-once", choices: ["exactly-once", "at-least-once"], section: "Destination",
        help: "How records reach the destination",
        detail: """
            exactly-once publishes records, progress and offset in one Kafka transaction. at-least-once is for brokers \
            without transactions: a kill, or a record that a broker refuses, may publish the last batch twice, and never \
            loses one. It is never chosen by \
            itself, and needs to be the only copy.
            """)
    static let maxRetries = Flag(
        "max-retries", placeholder: "N", default: "3", section: "Destination",
        help: "Park a record that was redriven N times already")
    static let timestamp = Flag(
        "timestamp", default: "keep", choices: ["keep", "now"], section: "Destination",
        help: "keep publishes a record with the time it had at its origin; now with the present time, keeping the "
            + "original in a header")

    // MARK: Pace

    static let rate = Flag(
        "rate", placeholder: "N|max", default: "100", section: "Pace",
        help: "Records a second at most, over all copies in the group together")
    static let limit = Flag(
        "limit", placeholder: "N", inFile: false, section: "Pace",
        help: "Stop after N selected records; needs to be the only copy")
    static let follow = Flag(
        "follow", kind: .toggle, inFile: false, section: "Pace",
        help: "Go on at the end, waiting for new records, until stopped")

    // MARK: Selection

    static let merchant = Flag(
        "merchant", kind: .repeatable, placeholder: "ID", inFile: false, section: "Selection",
        help: "Only events of this merchant; may be repeated")
    static let eventType = Flag(
        "event-type", kind: .repeatable, placeholder: "TYPE", inFile: false,
        completion: .dynamic("event-types"), section: "Selection",
        help: "Only events of this type, for example points.earned; may be repeated")
    static let customer = Flag(
        "customer", kind: .repeatable, placeholder: "ID", inFile: false, section: "Selection",
        help: "Only events of this customer; may be repeated")
    static let eventID = Flag(
        "event-id", kind: .repeatable, placeholder: "ID", inFile: false, section: "Selection",
        help: "Only this event; may be repeated")
    static let errorCode = Flag(
        "error-code", kind: .repeatable, placeholder: "CODE", inFile: false, completion: .dynamic("error-codes"),
        section: "Selection", help: "Only records that failed for this reason; may be repeated")
    static let since = Flag(
        "since", placeholder: "TIME", inFile: false, section: "Selection",
        help: "Only from this time on (inclusive): RFC 3339 with zone, or -2h")
    static let until = Flag(
        "until", placeholder: "TIME", inFile: false, section: "Selection",
        help: "Only before this time (exclusive)")
    static let time = Flag(
        "time", default: "failed", choices: ["failed", "event"], section: "Selection",
        help: "What --since and --until mean: when the record failed first, or when the event happened")
    static let skipped = Flag(
        "skipped", default: "leave", choices: ["leave", "requeue"], section: "Selection",
        help: "What becomes of records that are not selected: leave them, or re-append them to the dead-letter topic")
    static let noDecode = Flag(
        "no-decode", kind: .toggle, section: "Selection",
        help: "Do not look into payloads: works without a schema registry, and parks no malformed records")

    // MARK: Safety

    static let allowMassPark = Flag(
        "allow-mass-park", kind: .toggle, inFile: false, section: "Safety",
        help: "Go on although more than half of the first 1,000 records (of at least 100) would be parked for one "
            + "reason")

    // MARK: Registry

    static let registryCA = Flag(
        "schema-registry-ca", placeholder: "FILE", env: "SCHEMA_REGISTRY_CA", completion: .file, section: "Connection",
        help: "Certificates that the registry's own is checked against")
    static let registryUser = Flag(
        "schema-registry-user", placeholder: "NAME", env: "SCHEMA_REGISTRY_USER", section: "Connection",
        help: "User name for the registry")
    static let registryPassword = Flag(
        "schema-registry-password-file", kind: .secretFile, placeholder: "FILE", env: "SCHEMA_REGISTRY_PASSWORD",
        section: "Connection", help: "File with the password for the registry")

    static let filters = [merchant, eventType, customer, eventID, errorCode, since, until, time]
    static let registry = [Flag.schemaRegistry, registryCA, registryUser, registryPassword, noDecode]
}
