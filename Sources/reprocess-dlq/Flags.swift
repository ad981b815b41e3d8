import CommandLine

/// The flags of `reprocess-dlq`, by what they are for.
enum Flags {
    // MARK: Topics and group

    static let topic = Flag.topic.with(default: "gamification.dlq", help: "Dead-letter topic")
    static let parkedTopic = Flag(
        "parked-topic", placeholder: "TOPIC", default: "gamification.dlq.parked", completion: .dynamic("topics"),
        section: "Destination", help: "Where records go that cannot be processed again")
    static let group = Flag.group.with(
        help: "Consumer group that keeps the progress; default gamification.drain.TOPIC. Another group knows nothing "
            + "of the default's progress, so naming one asks")

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
            without transactions: a kill may publish the last batch twice, and never loses one; where a broker refuses a \
            batch for one record in it, the others of it may come after later ones. It is never chosen by itself, and \
            needs to be the only copy.
            """)
    static let maxRetries = Flag(
        "max-retries", placeholder: "N", default: "3", section: "Destination",
        help: "Park a record that was redriven N times already")

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

    static let skipped = Flag(
        "skipped", default: "leave", choices: ["leave", "requeue"], section: "Selection",
        help: "What becomes of records that are not selected: leave them, or re-append them to the dead-letter topic")

    // MARK: Report

    static let report = Flag(
        "report", placeholder: "FILE", inFile: false, completion: .file, section: Flag.generalSection,
        help: "Write a page about the run to FILE, as HTML that needs nothing else: for the incident's ticket")

    // MARK: Safety

    static let allowMassPark = Flag(
        "allow-mass-park", kind: .toggle, inFile: false, section: "Safety",
        help: "Go on although more than half of the first 1,000 records (of at least 100) would be parked for one "
            + "reason")

}
