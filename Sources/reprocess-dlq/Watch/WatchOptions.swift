import CommandLine
import ToolKit

/// What `watch` was told, checked.
struct WatchOptions: Sendable {
    let list: ListOptions
    let interval: Duration
    /// Ends after so many looks; nil goes on until stopped.
    let count: Int?
    /// Whose lag is shown, and on which topics.
    let consumers: [LagLimit]

    /// Reads everything, noting every mistake in `reader`.
    init(_ reader: inout OptionReader, now: TimePoint) {
        list = ListOptions(&reader, now: now)
        interval = reader.duration(Self.interval, in: .seconds(1)...(.seconds(3_600)))
        count = reader.optionalInteger(Self.count, in: 1...1_000_000)
        let groups = CanaryOptions.groups(&reader)
        let replay = reader.topic(RedriveFlags.replayTopic)
        let topic: String = if case .topic(let name) = list.queue.destination { name } else { replay }
        consumers = groups.map { LagLimit(topic: topic, group: $0, records: .max) }
    }

    static let interval = Flag(
        "interval", placeholder: "DURATION", inFile: false, default: "2s", section: "Pace",
        help: "How often to look")
    static let count = Flag(
        "count", placeholder: "N", inFile: false, section: "Pace", help: "End after N looks, for scripts")
    static let consumers = CanaryOptions.group.with(
        section: "Pace",
        help: "A consumer group of the destination whose lag is shown; default gamification-server; may "
            + "be repeated")

    static let command = Subcommand(
        "watch", summary: "Show the queue live, in place",
        description: [
            """
            Size, arrivals and redrives a second, the most frequent reasons, the age of what waits, and how far the \
            destination's consumers are behind. Joins no group and writes nothing. The terminal is left as it was; \
            Ctrl-C ends it. With --output json each look is a line. Reasons and ages are those of the first 50,000 \
            records that are not done, counted anew every half minute.
            """
        ],
        flags: [
            Flags.topic, interval, count, .to, RedriveFlags.replayTopic, Flags.allowOrigin, Flags.parkedTopic,
            Flags.maxRetries, RedriveFlags.timestamp, consumers,
        ] + RedriveFlags.filters + RedriveFlags.registry + [
            Flags.group, RedriveFlags.progressTopic,
        ])
}
