package import Kafka

extension SourceTopics {
    /// The partition that a slot stands for.
    package func place(of slot: Int32) -> TopicPartition {
        TopicPartition(topic: topic(of: slot), partition: partition(of: slot))
    }

    /// The slot of a partition; nil where its topic is no source.
    package func slot(of place: TopicPartition) -> Int32? { slot(of: place.topic, place.partition) }
}

extension LaneFailure {
    /// The same with the partition's own number in place of its slot.
    func located(in sources: SourceTopics) -> LaneFailure {
        guard sources.names.count > 1 else { return self }
        switch self {
        case .cannotLeaveBehind(let slot, let offset):
            return .cannotLeaveBehind(partition: sources.partition(of: slot), offset: offset)
        case .unreadable(let slot, let offset, let reason):
            return .unreadable(
                partition: sources.partition(of: slot), offset: offset, "\(reason) (topic \(sources.topic(of: slot)))")
        case .tooManyAborts, .tooManyRefused, .fencedRepeatedly: return self
        }
    }
}
