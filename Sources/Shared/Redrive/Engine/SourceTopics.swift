/// The topics that a run reads, and a number for each of their partitions: its slot.
///
/// The engine counts by slots, so that one lane may hold partitions of several topics. With one topic a slot is the
/// partition's own number.
package struct SourceTopics: Sendable, Equatable {
    /// The most topics of one run.
    package static let maximumTopics = 64
    /// The most partitions that a topic may have where there are several.
    package static let maximumPartitions: Int32 = 1 << partitionBits
    private static let partitionBits: Int32 = 14

    /// At least one, none twice.
    package let names: [String]

    /// - Parameter names: 1 to `maximumTopics` names, none twice.
    package init(_ names: [String]) { self.names = names }

    /// The slots' base of a topic; nil for one that is no source.
    package func base(of topic: String) -> Int32? {
        names.firstIndex(of: topic).map { Int32($0) << Self.partitionBits }
    }

    /// The slot of a topic's partition; nil for a topic that is no source.
    package func slot(of topic: String, _ partition: Int32) -> Int32? { base(of: topic).map { $0 + partition } }

    /// The topic of a slot.
    package func topic(of slot: Int32) -> String {
        names.count == 1 ? names[0] : names[min(Int(slot >> Self.partitionBits), names.count - 1)]
    }

    /// The partition of a slot within its topic.
    package func partition(of slot: Int32) -> Int32 {
        names.count == 1 ? slot : slot & (Self.maximumPartitions - 1)
    }

    /// For people.
    package var description: String { names.joined(separator: ", ") }
}
