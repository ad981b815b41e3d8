import Kafka

/// An assigned partition: its queue of fetched records, and those that are in hand.
final class SagaPartition {
    let partition: TopicPartition
    let role: SagaRole
    let lane: LaneID
    let queue: RecordQueue
    /// The records in hand stay here until they are finished: a dead letter is made of them.
    let batch: RecordBatch
    /// By place in what the machine was given: the place in `batch`.
    var places: [Int] = []

    init(_ partition: TopicPartition, role: SagaRole, lane: LaneID, queue: RecordQueue, capacity: Int) {
        self.partition = partition
        self.role = role
        self.lane = lane
        self.queue = queue
        batch = RecordBatch(capacity: capacity)
    }
}
