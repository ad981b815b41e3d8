import CRdKafka
import Lifecycle

/// Keeps librdkafka fetching when its prefetch queue is emptied faster than it looks.
///
/// A librdkafka before 2.2 that finds the queue full stops asking the broker, and its broker thread then sleeps for up
/// to a second unless something wakes it, however empty the queue has become meanwhile. Any request to that broker does:
/// the cheapest that can be asked of a chosen one is for a partition's bounds. Newer versions have a setting for it.
package struct PrefetchNudge {
    private let interval: Int64
    private var next = 0
    private var due: MonotonicInstant

    /// - Parameter milliseconds: how often a broker thread is woken.
    package init(milliseconds: Int64) {
        interval = milliseconds * 1_000_000
        due = .now().advanced(by: interval)
    }

    /// Wakes the leader of the next of these partitions, if it is time; takes one round trip. Failures do not matter.
    package mutating func nudge(_ consumer: KafkaConsumer, _ partitions: [TopicPartition]) {
        guard rd_kafka_version() < 0x0202_0000, !partitions.isEmpty, MonotonicInstant.now() >= due else { return }
        due = MonotonicInstant.now().advanced(by: interval)
        next = (next + 1) % partitions.count
        _ = try? consumer.stableBounds(of: partitions[next], timeout: .milliseconds(500))
    }
}
