package import TestSupport

/// The topics and the group that one proof's drains work on, used by no other.
package struct RedriveTopics: Sendable {
    package let source: String
    package let destination: String
    package let parked: String
    package let progress: String
    /// `gamification.drain.SOURCE`, as the tool names it.
    package var group: String { "gamification.drain.\(source)" }
    package let partitions: Int

    /// Names that start with `label`; nothing is made yet.
    package init(_ label: String, partitions: Int) {
        let name = uniqueName(label)
        source = "\(name).dlq"
        destination = "\(name).replay"
        parked = "\(name).dlq.parked"
        progress = "\(name).redrive.progress"
        self.partitions = partitions
    }

    /// Makes all of them, with as many partitions of source and destination; replicated on every node.
    ///
    /// - Parameter keepsProgress: whether the progress topic is made, too.
    package func create(on kafka: ScratchKafka, keepsProgress: Bool = true) async throws {
        try await createSource(on: kafka)
        try await kafka.createTopic(named: destination, partitions: partitions)
        try await kafka.createTopic(named: parked, partitions: 1)
        guard keepsProgress else { return }
        try await kafka.createTopic(
            named: progress, partitions: 3,
            settings: [
                "cleanup.policy": "compact", "segment.bytes": "16777216", "min.cleanable.dirty.ratio": "0.1",
                "max.compaction.lag.ms": "3600000",
            ])
    }

    /// Makes the dead-letter topic alone.
    package func createSource(on kafka: ScratchKafka) async throws {
        try await kafka.createTopic(named: source, partitions: partitions)
    }
}
