package import Kafka

/// How far consumers are behind.
package enum ConsumerLag {
    /// Records between what the group has committed and the topic's stable ends. One a partition is not counted: it may be
    /// a transaction's marker, past which not every client commits. Blocking.
    ///
    /// - Parameter reader: a `read_committed` consumer.
    package static func records(
        of group: String, on topic: String, _ admin: KafkaAdmin, _ reader: KafkaConsumer, timeout: Duration
    ) throws(KafkaError) -> Int64 {
        let committed = Dictionary(
            try admin.groupOffsets(group, timeout: timeout).map { ($0.partition, $0.offset) },
            uniquingKeysWith: { $1 })
        var total: Int64 = 0
        for partition in 0..<(try reader.partitionCount(of: topic, timeout: timeout)) {
            let target = TopicPartition(topic: topic, partition: partition)
            let bounds = try reader.stableBounds(of: target, timeout: timeout)
            let position = max(committed[target].flatMap { $0 } ?? bounds.logStart, bounds.logStart)
            let lag = max(0, bounds.lastStableOffset - position)
            total += lag > 1 ? lag : 0
        }
        return total
    }
}
