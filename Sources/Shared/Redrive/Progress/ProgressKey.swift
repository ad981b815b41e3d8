/// Whose progress a record of the progress topic holds: one group's, in one partition of one topic.
package struct ProgressOwner: Hashable, Sendable {
    /// The consumer group; no `/` in it.
    package let group: String
    /// The source topic; Kafka allows no `/` in a topic's name.
    package let topic: String
    /// Of the source topic.
    package let partition: Int32

    /// - Parameters:
    ///   - group, topic: without a `/`.
    ///   - partition: 0 or more.
    package init(group: String, topic: String, partition: Int32) {
        self.group = group
        self.topic = topic
        self.partition = partition
    }

    /// The key of the partition's own record, `GROUP/TOPIC/PARTITION`; its hash chooses the progress partition
    /// of all of the owner's records.
    package var key: String { "\(group)/\(topic)/\(partition)" }
}

/// The key of one record of the progress topic.
package enum ProgressKey: Hashable, Sendable {
    /// `GROUP/TOPIC/PARTITION`
    case partition(ProgressOwner)
    /// `GROUP/TOPIC/PARTITION/CHUNK`
    case chunk(ProgressOwner, Int64)

    /// Whose progress the record holds.
    package var owner: ProgressOwner {
        switch self {
        case .partition(let owner), .chunk(let owner, _): owner
        }
    }

    /// The key's bytes, as UTF-8.
    package var text: String {
        switch self {
        case .partition(let owner): owner.key
        case .chunk(let owner, let index): "\(owner.key)/\(index)"
        }
    }

    /// Reads a record's key; nil for one that is none of ours.
    package init?(_ bytes: UnsafeRawBufferPointer) {
        let text = String(decoding: bytes, as: UTF8.self)
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3 || parts.count == 4, !parts[0].isEmpty, !parts[1].isEmpty,
            let partition = Int32(parts[2]), partition >= 0
        else { return nil }
        let owner = ProgressOwner(group: String(parts[0]), topic: String(parts[1]), partition: partition)
        if parts.count == 3 {
            self = .partition(owner)
        } else {
            guard let index = Int64(parts[3]), index >= 0 else { return nil }
            self = .chunk(owner, index)
        }
        guard self.text == text else { return nil }
    }
}
