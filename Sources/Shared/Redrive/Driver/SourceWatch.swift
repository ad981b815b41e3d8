import Kafka
import Lifecycle

/// Notices in mid-run that the source is another topic than before: a log never ends or begins earlier than it did.
///
/// Fetches name a topic and an offset; where a topic is deleted, made anew and filled beyond the position, they would go
/// on as if nothing had happened, and all below the position would pass for done.
struct SourceWatch {
    private var seen: [TopicPartition: Watermarks] = [:]
    private var lookedAt = MonotonicInstant.now()

    /// The partitions have been loaded anew.
    ///
    /// - Parameter bounds: what is known of them without having looked, so that a topic made anew before the first look is
    ///   noticed too.
    mutating func restart(_ bounds: [TopicPartition: Watermarks] = [:]) { seen = bounds }

    /// Once a second.
    mutating func isDue() -> Bool {
        guard MonotonicInstant.now().seconds(since: lookedAt) >= 1 else { return false }
        lookedAt = .now()
        return true
    }

    /// The partitions to look at now: a few at a time, all of them in turn, since every look is several requests.
    mutating func next(of partitions: [TopicPartition]) -> [TopicPartition] {
        let count = min(Self.atOnce, partitions.count)
        defer { turn += count }
        return (0..<count).map { partitions[(turn + $0) % partitions.count] }
    }

    private var turn = 0
    private static let atOnce = 4

    /// - Returns: whether the partition's log went back.
    mutating func wentBack(_ partition: TopicPartition, to bounds: Watermarks) -> Bool {
        defer { seen[partition] = bounds }
        guard let before = seen[partition] else { return false }
        return bounds.highWatermark < before.highWatermark || bounds.logStart < before.logStart
    }
}
